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
`;var G=Math.random().toString(36).slice(2);function l(t,e,...o){let r=document.createElement(t);for(let[n,s]of Object.entries(e||{}))s!=null&&s!==!1&&U(r,n,s);return r.append(...o.filter(n=>n!=null)),r}function U(t,e,o){e.startsWith("on")?t.addEventListener(e.slice(2),o):e==="text"?t.textContent=o:e==="value"&&"value"in t?t.value=o:t.setAttribute(e,o===!0?"":String(o))}function b(t,e,o){return l("button",{type:"button",class:"im-button",text:t,onclick:e,...o})}function x(t,e){t.textContent!==e&&(t.textContent=e)}var S={svg:"image/svg+xml"};function w(t,e){let o=t;return URL.createObjectURL(new Blob([o],{type:S[e]||`image/${e}`}))}var I="imgmagic-open";function y(t,e){t.addEventListener(I,o=>{o.preventDefault(),e(o.detail)})}var d=class{picture=l("img");about=l("pre");close=b("×",()=>this.dialog.close(),{class:"imgmagic-close","aria-label":"Close"});dialog=l("dialog",{class:"imgmagic-large","aria-label":"Picture"},this.close,this.picture,this.about);opener=null;original="";constructor(){this.dialog.addEventListener("click",e=>e.target===this.dialog&&this.dialog.close()),this.dialog.addEventListener("close",()=>this.leave()),this.dialog.addEventListener("keydown",e=>e.stopPropagation())}show({opener:e,src:o,alt:r,about:n}){this.opener=e,this.picture.src=o,this.picture.alt=r,x(this.about,n),this.dialog.showModal()}improve(e,o,r){!this.dialog.open||this.opener!==e||(this.original=w(o,r),this.picture.src=this.original)}leave(){this.picture.removeAttribute("src"),this.original&&URL.revokeObjectURL(this.original),this.original="",this.opener?.focus()}};var $="imgmagic.original",q=/(?:^|\s)imgmagic-([0-9a-f]{64})(?:\s|$)/;function v(t){return q.exec(t)?.[1]??""}async function E(t,e){let o=t.createComm($);return await N(t,o),new Promise(r=>{o.onMsg=({content:n,buffers:s=[]})=>{let[u]=s,i=u instanceof ArrayBuffer?new DataView(u):u;r(i?{bytes:i,format:String(n.data.format)}:null)},o.onClose=()=>r(null),o.open({sha256:e})})}async function N({supportsSubshells:t},{commsOverSubshells:e="disabled",subshellStarted:o}){if(!(!t||e==="disabled"))try{await o}catch{}}function O(t,e){for(let o of t.shell.widgets("main")){if(!o.node.contains(e))continue;let{sessionContext:r}=o.sessionContext?o:o.content??{};return r?.session?.kernel??null}return null}function k(t,e){return e.split(`
`).find(r=>{let n=r.slice(0,Math.max(0,r.indexOf(": #")));return n&&(t.endsWith(`(${n})`)||t.includes(`(${n}, take `))})??e}var m=".jp-OutputArea figure.tex2jax_ignore img",W=`${m} { cursor: zoom-in }`;function L(t){for(let e of t.querySelectorAll(m))e.tabIndex=0,e.setAttribute("role","button")}function P(t,e){let o=new d,r=t.createElement("style");r.textContent=h+W,t.head.append(r),t.body.append(o.dialog);let n=i=>{o.show(i);let{opener:a,sha256:c}=i,p=c?O(e,a):null;p&&E(p,c).then(f=>f&&o.improve(a,f.bytes,f.format))},s=i=>{let a=i.target instanceof HTMLImageElement&&i.target.matches(m)?i.target:null;if(!a)return;i.preventDefault(),i.stopPropagation();let c=a.closest("figure")?.querySelector("details pre")?.textContent??"",p=k(a.alt,c);n({opener:a,src:a.src,alt:a.alt,about:p,sha256:v(a.className)})};y(t,n),t.addEventListener("click",s),window.addEventListener("keydown",i=>["Enter"," "].includes(i.key)&&s(i),!0),new MutationObserver(i=>{for(let{addedNodes:a}of i)for(let c of a)c instanceof Element&&L(c)}).observe(t.body,{childList:!0,subtree:!0}),L(t.body)}var C="text/plain",_=/^(?:\s*%%\w.*\n)*\s*%%imagine(?!\S)/,B=t=>_.test(t);function M(t){let e=t.mimeType,o=!1,r=()=>{(!o||t.mimeType!==C)&&(e=t.mimeType),o=B(t.sharedModel.getSource()),t.mimeType=o?C:e};return t.mimeTypeChanged.connect(r),t.sharedModel.changed.connect((n,s)=>{s.sourceChange&&r()}),r(),()=>o}var g="jupyter-imgmagic",D=[{commentTokens:{line:"#"},closeBrackets:{brackets:["(","[","{"]}}];async function R(t,e){let o=Object.values(t[e]??{}),r=await(o.find(n=>n.loaded)??o[0])?.get();if(!r)throw new Error(`${g}: this page does not share ${e}`);return r()}function F({EditorExtensionRegistry:t},{EditorState:e}){let o=new WeakMap;return({model:r})=>{if(r.type!=="code")return null;let n=o.get(r)??M(r);o.set(r,n);let s=e.languageData.of(()=>n()?D:[]);return t.createImmutableExtension(s)}}async function z(t){let[e,o]=await Promise.all([R(t,"@jupyterlab/codemirror"),R(t,"@codemirror/state")]),r=`${g}:prompt-cells`;return[{id:r,description:"Shows the prompt of a %%imagine cell as plain text.",autoStart:!0,requires:[e.IEditorExtensionRegistry],activate:(n,s)=>s.addExtension({name:r,factory:F(e,o)})},{id:`${g}:large-pictures`,description:"Opens a picture of a figure large.",autoStart:!0,activate:n=>P(document,n)}]}var T={},j=window;j._JUPYTERLAB??={};j._JUPYTERLAB[g]={init:t=>{T=t},get:async()=>{let t=await z(T);return()=>t}};})();
