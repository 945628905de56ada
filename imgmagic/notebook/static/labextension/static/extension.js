"use strict";(()=>{var p=`/* One picture, large, over everything. */
.imgmagic-large {
  max-width: 92vw;
  max-height: 92vh;
  padding: 12px;
  border: 1px solid var(--jp-border-color1, #bdbdbd);
  border-radius: 6px;
  background: var(--jp-layout-color1, Canvas);
  color: var(--jp-ui-font-color1, CanvasText);
}
.imgmagic-large::backdrop {
  background: rgba(0, 0, 0, 0.5);
}
.imgmagic-large img {
  display: block;
  width: min(70vw, 768px);
  max-height: 70vh;
  margin: 0 auto;
  object-fit: contain;
}
.imgmagic-large pre {
  max-width: min(80vw, 768px);
  margin: 8px auto 0;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  font-size: 12px;
}
.imgmagic-close {
  float: right;
  width: 28px;
  height: 28px;
  border: 0;
  background: none;
  color: inherit;
  font-size: 20px;
  cursor: pointer;
}
`;var S=Math.random().toString(36).slice(2);function s(t,e,...o){let r=document.createElement(t);for(let[i,n]of Object.entries(e||{}))n!=null&&n!==!1&&k(r,i,n);return r.append(...o.filter(i=>i!=null)),r}function k(t,e,o){e.startsWith("on")?t.addEventListener(e.slice(2),o):e==="text"?t.textContent=o:e==="value"&&"value"in t?t.value=o:t.setAttribute(e,o===!0?"":String(o))}function g(t,e,o){return s("button",{type:"button",class:"im-button",text:t,onclick:e,...o})}function f(t,e){t.textContent!==e&&(t.textContent=e)}var l=class{picture=s("img");about=s("pre");close=g("×",()=>this.dialog.close(),{class:"imgmagic-close","aria-label":"Close"});dialog=s("dialog",{class:"imgmagic-large","aria-label":"Picture"},this.close,this.picture,this.about);opener=null;constructor(){this.dialog.addEventListener("click",e=>e.target===this.dialog&&this.dialog.close()),this.dialog.addEventListener("close",()=>this.opener?.focus()),this.dialog.addEventListener("keydown",e=>e.stopPropagation())}show({opener:e,src:o,alt:r,about:i}){this.opener=e,this.picture.src=o,this.picture.alt=r,f(this.about,i),this.dialog.showModal()}};function m(t,e){return e.split(`
`).find(r=>{let i=r.slice(0,Math.max(0,r.indexOf(": #")));return i&&(t.endsWith(`(${i})`)||t.includes(`(${i}, take `))})??e}var d=".jp-OutputArea figure.tex2jax_ignore img",O=`${d} { cursor: zoom-in }`;function h(t){for(let e of t.querySelectorAll(d))e.tabIndex=0,e.setAttribute("role","button")}function b(t){let e=new l,o=t.createElement("style");o.textContent=p+O,t.head.append(o),t.body.append(e.dialog);let r=n=>{let a=n.target instanceof HTMLImageElement&&n.target.matches(d)?n.target:null;if(!a)return;n.preventDefault(),n.stopPropagation();let c=a.closest("figure")?.querySelector("details pre")?.textContent??"";e.show({opener:a,src:a.src,alt:a.alt,about:m(a.alt,c)})};t.addEventListener("click",r),window.addEventListener("keydown",n=>["Enter"," "].includes(n.key)&&r(n),!0),new MutationObserver(n=>{for(let{addedNodes:a}of n)for(let c of a)c instanceof Element&&h(c)}).observe(t.body,{childList:!0,subtree:!0}),h(t.body)}var x="text/plain",P=/^(?:\s*%%\w.*\n)*\s*%%imagine(?!\S)/,j=t=>P.test(t);function w(t){let e=t.mimeType,o=!1,r=()=>{(!o||t.mimeType!==x)&&(e=t.mimeType),o=j(t.sharedModel.getSource()),t.mimeType=o?x:e};return t.mimeTypeChanged.connect(r),t.sharedModel.changed.connect((i,n)=>{n.sourceChange&&r()}),r(),()=>o}var u="jupyter-imgmagic",M=[{commentTokens:{line:"#"},closeBrackets:{brackets:["(","[","{"]}}];async function y(t,e){let o=Object.values(t[e]??{}),r=await(o.find(i=>i.loaded)??o[0])?.get();if(!r)throw new Error(`${u}: this page does not share ${e}`);return r()}function T({EditorExtensionRegistry:t},{EditorState:e}){let o=new WeakMap;return({model:r})=>{if(r.type!=="code")return null;let i=o.get(r)??w(r);o.set(r,i);let n=e.languageData.of(()=>i()?M:[]);return t.createImmutableExtension(n)}}async function C(t){let[e,o]=await Promise.all([y(t,"@jupyterlab/codemirror"),y(t,"@codemirror/state")]),r=`${u}:prompt-cells`;return[{id:r,description:"Shows the prompt of a %%imagine cell as plain text.",autoStart:!0,requires:[e.IEditorExtensionRegistry],activate:(i,n)=>n.addExtension({name:r,factory:T(e,o)})},{id:`${u}:large-pictures`,description:"Opens a picture of a figure large.",autoStart:!0,activate:()=>b(document)}]}var v={},E=window;E._JUPYTERLAB??={};E._JUPYTERLAB[u]={init:t=>{v=t},get:async()=>{let t=await C(v);return()=>t}};})();
