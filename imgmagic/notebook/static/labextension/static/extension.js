"use strict";(()=>{var h=`/* One picture, large, over everything. */
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
  width: min(84vw, 1280px);
  max-height: 74vh;
  margin: 0 auto;
  object-fit: contain;
}
.imgmagic-large pre {
  max-width: min(84vw, 1280px);
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
`;var D=Math.random().toString(36).slice(2);function c(t,e,...o){let r=document.createElement(t);for(let[n,a]of Object.entries(e||{}))a!=null&&a!==!1&&A(r,n,a);return r.append(...o.filter(n=>n!=null)),r}function A(t,e,o){e.startsWith("on")?t.addEventListener(e.slice(2),o):e==="text"?t.textContent=o:e==="value"&&"value"in t?t.value=o:t.setAttribute(e,o===!0?"":String(o))}function b(t,e,o){return c("button",{type:"button",class:"im-button",text:t,onclick:e,...o})}function x(t,e){t.textContent!==e&&(t.textContent=e)}var U={svg:"image/svg+xml"};function w(t,e){let o=t;return URL.createObjectURL(new Blob([o],{type:U[e]||`image/${e}`}))}var u=class{picture=c("img");about=c("pre");close=b("×",()=>this.dialog.close(),{class:"imgmagic-close","aria-label":"Close"});dialog=c("dialog",{class:"imgmagic-large","aria-label":"Picture"},this.close,this.picture,this.about);opener=null;original="";constructor(){this.dialog.addEventListener("click",e=>e.target===this.dialog&&this.dialog.close()),this.dialog.addEventListener("close",()=>this.leave()),this.dialog.addEventListener("keydown",e=>e.stopPropagation())}show({opener:e,src:o,alt:r,about:n}){this.opener=e,this.picture.src=o,this.picture.alt=r,x(this.about,n),this.dialog.showModal()}improve(e,o,r){!this.dialog.open||this.opener!==e||(this.original=w(o,r),this.picture.src=this.original)}leave(){this.picture.removeAttribute("src"),this.original&&URL.revokeObjectURL(this.original),this.original="",this.opener?.focus()}};var S="imgmagic.original",$=/(?:^|\s)imgmagic-([0-9a-f]{64})(?:\s|$)/;function y(t){return $.exec(t)?.[1]??""}function v(t,e){return new Promise(o=>{let r=t.createComm(S);r.onMsg=({content:n,buffers:a=[]})=>{let[i]=a,s=i instanceof ArrayBuffer?new DataView(i):i;o(s?{bytes:s,format:String(n.data.format)}:null)},r.onClose=()=>o(null),r.open({sha256:e})})}function k(t,e){for(let o of t.shell.widgets("main")){if(!o.node.contains(e))continue;let{sessionContext:r}=o.sessionContext?o:o.content??{};return r?.session?.kernel??null}return null}function E(t,e){return e.split(`
`).find(r=>{let n=r.slice(0,Math.max(0,r.indexOf(": #")));return n&&(t.endsWith(`(${n})`)||t.includes(`(${n}, take `))})??e}var g=".jp-OutputArea figure.tex2jax_ignore img",I=`${g} { cursor: zoom-in }`;function L(t){for(let e of t.querySelectorAll(g))e.tabIndex=0,e.setAttribute("role","button")}function O(t,e){let o=new u,r=t.createElement("style");r.textContent=h+I,t.head.append(r),t.body.append(o.dialog);let n=i=>{let s=i.target instanceof HTMLImageElement&&i.target.matches(g)?i.target:null;if(!s)return;i.preventDefault(),i.stopPropagation();let l=s.closest("figure")?.querySelector("details pre")?.textContent??"";o.show({opener:s,src:s.src,alt:s.alt,about:E(s.alt,l)});let[f,m]=[k(e,s),y(s.className)];!f||!m||v(f,m).then(d=>d&&o.improve(s,d.bytes,d.format))};t.addEventListener("click",n),window.addEventListener("keydown",i=>["Enter"," "].includes(i.key)&&n(i),!0),new MutationObserver(i=>{for(let{addedNodes:s}of i)for(let l of s)l instanceof Element&&L(l)}).observe(t.body,{childList:!0,subtree:!0}),L(t.body)}var C="text/plain",q=/^(?:\s*%%\w.*\n)*\s*%%imagine(?!\S)/,W=t=>q.test(t);function M(t){let e=t.mimeType,o=!1,r=()=>{(!o||t.mimeType!==C)&&(e=t.mimeType),o=W(t.sharedModel.getSource()),t.mimeType=o?C:e};return t.mimeTypeChanged.connect(r),t.sharedModel.changed.connect((n,a)=>{a.sourceChange&&r()}),r(),()=>o}var p="jupyter-imgmagic",_=[{commentTokens:{line:"#"},closeBrackets:{brackets:["(","[","{"]}}];async function P(t,e){let o=Object.values(t[e]??{}),r=await(o.find(n=>n.loaded)??o[0])?.get();if(!r)throw new Error(`${p}: this page does not share ${e}`);return r()}function B({EditorExtensionRegistry:t},{EditorState:e}){let o=new WeakMap;return({model:r})=>{if(r.type!=="code")return null;let n=o.get(r)??M(r);o.set(r,n);let a=e.languageData.of(()=>n()?_:[]);return t.createImmutableExtension(a)}}async function N(t){let[e,o]=await Promise.all([P(t,"@jupyterlab/codemirror"),P(t,"@codemirror/state")]),r=`${p}:prompt-cells`;return[{id:r,description:"Shows the prompt of a %%imagine cell as plain text.",autoStart:!0,requires:[e.IEditorExtensionRegistry],activate:(n,a)=>a.addExtension({name:r,factory:B(e,o)})},{id:`${p}:large-pictures`,description:"Opens a picture of a figure large.",autoStart:!0,activate:n=>O(document,n)}]}var R={},T=window;T._JUPYTERLAB??={};T._JUPYTERLAB[p]={init:t=>{R=t},get:async()=>{let t=await N(R);return()=>t}};})();
