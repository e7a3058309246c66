var bt=globalThis,Ct=r=>r,tt=bt.trustedTypes,Tt=tt?tt.createPolicy("lit-html",{createHTML:r=>r}):void 0,zt="$lit$",A=`lit$${Math.random().toFixed(9).slice(2)}$`,Nt="?"+A,le=`<${Nt}>`,z=document,L=()=>z.createComment(""),W=r=>r===null||typeof r!="object"&&typeof r!="function",vt=Array.isArray,de=r=>vt(r)||typeof r?.[Symbol.iterator]=="function",ht=`[ 	
\f\r]`,B=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Dt=/-->/g,Ht=/>/g,M=RegExp(`>|${ht}(?:([^\\s"'>=/]+)(${ht}*=${ht}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Rt=/'/g,Mt=/"/g,jt=/^(?:script|style|textarea|title)$/i,yt=r=>(e,...t)=>({_$litType$:r,strings:e,values:t}),l=yt(1),ke=yt(2),Ae=yt(3),V=Symbol.for("lit-noChange"),h=Symbol.for("lit-nothing"),Et=new WeakMap,E=z.createTreeWalker(z,129);function It(r,e){if(!vt(r)||!r.hasOwnProperty("raw"))throw Error("invalid template strings array");return Tt!==void 0?Tt.createHTML(e):e}var ce=(r,e)=>{let t=r.length-1,i=[],s,n=e===2?"<svg>":e===3?"<math>":"",o=B;for(let c=0;c<t;c++){let d=r[c],p,g,m=-1,x=0;for(;x<d.length&&(o.lastIndex=x,g=o.exec(d),g!==null);)x=o.lastIndex,o===B?g[1]==="!--"?o=Dt:g[1]!==void 0?o=Ht:g[2]!==void 0?(jt.test(g[2])&&(s=RegExp("</"+g[2],"g")),o=M):g[3]!==void 0&&(o=M):o===M?g[0]===">"?(o=s??B,m=-1):g[1]===void 0?m=-2:(m=o.lastIndex-g[2].length,p=g[1],o=g[3]===void 0?M:g[3]==='"'?Mt:Rt):o===Mt||o===Rt?o=M:o===Dt||o===Ht?o=B:(o=M,s=void 0);let k=o===M&&r[c+1].startsWith("/>")?" ":"";n+=o===B?d+le:m>=0?(i.push(p),d.slice(0,m)+zt+d.slice(m)+A+k):d+A+(m===-2?c:k)}return[It(r,n+(r[t]||"<?>")+(e===2?"</svg>":e===3?"</math>":"")),i]},U=class r{constructor({strings:e,_$litType$:t},i){let s;this.parts=[];let n=0,o=0,c=e.length-1,d=this.parts,[p,g]=ce(e,t);if(this.el=r.createElement(p,i),E.currentNode=this.el.content,t===2||t===3){let m=this.el.content.firstChild;m.replaceWith(...m.childNodes)}for(;(s=E.nextNode())!==null&&d.length<c;){if(s.nodeType===1){if(s.hasAttributes())for(let m of s.getAttributeNames())if(m.endsWith(zt)){let x=g[o++],k=s.getAttribute(m).split(A),H=/([.?@])?(.*)/.exec(x);d.push({type:1,index:n,name:H[2],strings:k,ctor:H[1]==="."?ut:H[1]==="?"?gt:H[1]==="@"?mt:F}),s.removeAttribute(m)}else m.startsWith(A)&&(d.push({type:6,index:n}),s.removeAttribute(m));if(jt.test(s.tagName)){let m=s.textContent.split(A),x=m.length-1;if(x>0){s.textContent=tt?tt.emptyScript:"";for(let k=0;k<x;k++)s.append(m[k],L()),E.nextNode(),d.push({type:2,index:++n});s.append(m[x],L())}}}else if(s.nodeType===8)if(s.data===Nt)d.push({type:2,index:n});else{let m=-1;for(;(m=s.data.indexOf(A,m+1))!==-1;)d.push({type:7,index:n}),m+=A.length-1}n++}}static createElement(e,t){let i=z.createElement("template");return i.innerHTML=e,i}};function I(r,e,t=r,i){if(e===V)return e;let s=i!==void 0?t._$Co?.[i]:t._$Cl,n=W(e)?void 0:e._$litDirective$;return s?.constructor!==n&&(s?._$AO?.(!1),n===void 0?s=void 0:(s=new n(r),s._$AT(r,t,i)),i!==void 0?(t._$Co??=[])[i]=s:t._$Cl=s),s!==void 0&&(e=I(r,s._$AS(r,e.values),s,i)),e}var pt=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:i}=this._$AD,s=(e?.creationScope??z).importNode(t,!0);E.currentNode=s;let n=E.nextNode(),o=0,c=0,d=i[0];for(;d!==void 0;){if(o===d.index){let p;d.type===2?p=new Y(n,n.nextSibling,this,e):d.type===1?p=new d.ctor(n,d.name,d.strings,this,e):d.type===6&&(p=new ft(n,this,e)),this._$AV.push(p),d=i[++c]}o!==d?.index&&(n=E.nextNode(),o++)}return E.currentNode=z,s}p(e){let t=0;for(let i of this._$AV)i!==void 0&&(i.strings!==void 0?(i._$AI(e,i,t),t+=i.strings.length-2):i._$AI(e[t])),t++}},Y=class r{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,i,s){this.type=2,this._$AH=h,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=i,this.options=s,this._$Cv=s?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=I(this,e,t),W(e)?e===h||e==null||e===""?(this._$AH!==h&&this._$AR(),this._$AH=h):e!==this._$AH&&e!==V&&this._(e):e._$litType$!==void 0?this.$(e):e.nodeType!==void 0?this.T(e):de(e)?this.k(e):this._(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==h&&W(this._$AH)?this._$AA.nextSibling.data=e:this.T(z.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:i}=e,s=typeof i=="number"?this._$AC(e):(i.el===void 0&&(i.el=U.createElement(It(i.h,i.h[0]),this.options)),i);if(this._$AH?._$AD===s)this._$AH.p(t);else{let n=new pt(s,this),o=n.u(this.options);n.p(t),this.T(o),this._$AH=n}}_$AC(e){let t=Et.get(e.strings);return t===void 0&&Et.set(e.strings,t=new U(e)),t}k(e){vt(this._$AH)||(this._$AH=[],this._$AR());let t=this._$AH,i,s=0;for(let n of e)s===t.length?t.push(i=new r(this.O(L()),this.O(L()),this,this.options)):i=t[s],i._$AI(n),s++;s<t.length&&(this._$AR(i&&i._$AB.nextSibling,s),t.length=s)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let i=Ct(e).nextSibling;Ct(e).remove(),e=i}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},F=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,i,s,n){this.type=1,this._$AH=h,this._$AN=void 0,this.element=e,this.name=t,this._$AM=s,this.options=n,i.length>2||i[0]!==""||i[1]!==""?(this._$AH=Array(i.length-1).fill(new String),this.strings=i):this._$AH=h}_$AI(e,t=this,i,s){let n=this.strings,o=!1;if(n===void 0)e=I(this,e,t,0),o=!W(e)||e!==this._$AH&&e!==V,o&&(this._$AH=e);else{let c=e,d,p;for(e=n[0],d=0;d<n.length-1;d++)p=I(this,c[i+d],t,d),p===V&&(p=this._$AH[d]),o||=!W(p)||p!==this._$AH[d],p===h?e=h:e!==h&&(e+=(p??"")+n[d+1]),this._$AH[d]=p}o&&!s&&this.j(e)}j(e){e===h?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??"")}},ut=class extends F{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===h?void 0:e}},gt=class extends F{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==h)}},mt=class extends F{constructor(e,t,i,s,n){super(e,t,i,s,n),this.type=5}_$AI(e,t=this){if((e=I(this,e,t,0)??h)===V)return;let i=this._$AH,s=e===h&&i!==h||e.capture!==i.capture||e.once!==i.once||e.passive!==i.passive,n=e!==h&&(i===h||s);s&&this.element.removeEventListener(this.name,this,i),n&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},ft=class{constructor(e,t,i){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=i}get _$AU(){return this._$AM._$AU}_$AI(e){I(this,e)}};var he=bt.litHtmlPolyfillSupport;he?.(U,Y),(bt.litHtmlVersions??=[]).push("3.3.3");var Ft=(r,e,t)=>{let i=t?.renderBefore??e,s=i._$litPart$;if(s===void 0){let n=t?.renderBefore??null;i._$litPart$=s=new Y(e.insertBefore(L(),n),n,void 0,t??{})}return s._$AI(r),s};var _=String.raw,Ot=new Map;function pe(r){let e=Ot.get(r);return e||(e=new CSSStyleSheet,e.replaceSync(r),Ot.set(r,e)),e}var u=(r,e)=>r!==e,P=class extends HTMLElement{constructor(){super();this.G=this.attachShadow({mode:"open"});this.J=new Set;this.Q=!1;this.ut=!1;let{properties:t,styles:i}=this.constructor;this.G.adoptedStyleSheets=i.map(pe);for(let[s,n]of Object.entries(t)){let o;Object.defineProperty(this,s,{get:()=>o,set:c=>{let d=o;o=c,n(c,d)&&this.redraw(s)}})}}static{this.properties={}}static{this.styles=[]}connectedCallback(){this.redraw()}redraw(t=""){this.J.add(t),!(this.Q||!this.isConnected)&&(this.Q=!0,queueMicrotask(()=>this.Et()))}beforeDrawing(t){}firstDrawn(t){}Et(){let t=this.J;this.J=new Set,this.beforeDrawing(t),this.Q=!1,Ft(this.render(),this.G,{host:this}),this.ut||this.firstDrawn(this.G),this.ut=!0}};var qt=_`:host{--accent: var(--ha-color-primary-30, #006787);--accent-quiet: var(--ha-color-primary-95, #eff9fe);--loud: var(--ha-color-primary-30, #006787);--on-loud: #fff;--warn: var(--ha-color-orange-40, #9d3800);--warn-quiet: var(--ha-color-orange-95, #fff0e4);--danger: var(--ha-color-red-40, #b30532);--danger-quiet: var(--ha-color-red-95, #fff0ef);--ok: var(--ha-color-green-40, #036730);--ok-quiet: var(--ha-color-green-95, #e3f9e3);--soft: var(--secondary-text-color, #5e5e5e);--text: var(--primary-text-color, #141414);--line: var(--divider-color, #0000001f);color-scheme:light}:host([dark]){--accent: var(--ha-color-primary-70, #7bd4fb);--accent-quiet: var(--ha-color-primary-10, #002e3e);--warn: var(--ha-color-orange-80, #ffbb89);--warn-quiet: var(--ha-color-orange-10, #3b0f00);--danger: var(--ha-color-red-80, #ffb8b6);--danger-quiet: var(--ha-color-red-10, #3e0913);--ok: var(--ha-color-green-80, #93da98);--ok-quiet: var(--ha-color-green-10, #052310);color-scheme:dark}`,O=_`:host{display:block;color:var(--text);font-size:14px;line-height:20px}*{box-sizing:border-box}ha-card{padding:16px;container-type:inline-size;height:100%}h2{font-size:20px;line-height:28px;font-weight:500;margin:0;flex:1 1 auto}h3{font-size:16px;line-height:24px;font-weight:500;margin:0}p{margin:0}ul,ol{list-style:none;margin:0;padding:0}.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.soft{color:var(--soft)}.small{font-size:12px;line-height:16px}.chip{border-radius:16px;padding:4px 10px;font-size:12px;line-height:16px;font-weight:500;background:var(--accent-quiet);color:var(--accent)}.chip.warn{background:var(--warn-quiet);color:var(--warn)}.note{border-radius:10px;padding:10px 12px;background:var(--accent-quiet);color:var(--accent);margin-top:12px}.note.warn{background:var(--warn-quiet);color:var(--warn)}.note.ok{background:var(--ok-quiet);color:var(--ok);font-weight:500}.note a{color:inherit;font-weight:500}.note strong{font-weight:500}button,input,a{font:inherit}button{border:0;background:transparent;color:inherit;cursor:pointer;padding:0;text-align:start}:is(button,a,input,summary):focus-visible{outline:2px solid var(--accent);outline-offset:2px}.b{border-radius:20px;padding:8px 16px;min-height:40px;font-weight:500;color:var(--accent);text-align:center}.b:hover{background:var(--accent-quiet)}.b.fill{background:var(--loud);color:var(--on-loud)}.b.danger{color:var(--danger)}.b.danger:hover{background:var(--danger-quiet)}.b.danger.fill{background:var(--ha-color-red-40, #b30532);color:#fff}.b[disabled]{opacity:.5;cursor:default}.row{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.date{min-height:40px;border:1px solid var(--soft);border-radius:8px;padding:4px 8px;background:transparent;color:var(--text)}.end{justify-content:end;margin-top:16px}.empty{display:grid;justify-items:center;gap:4px;padding:32px 16px;text-align:center;color:var(--soft)}.empty ha-icon{--mdc-icon-size: 40px;color:var(--soft)}:host(:dir(rtl)) :is(p,h2,h3,.bar b,.chip,.badge){unicode-bidi:plaintext;text-align:right}.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}progress{appearance:none;width:100%;height:6px;border:0;border-radius:3px;overflow:hidden;background:var(--line);display:block;margin-top:6px}progress::-webkit-progress-bar{background:var(--line)}progress::-webkit-progress-value{background:var(--accent)}progress::-moz-progress-bar{background:var(--accent)}`;var et=class extends P{static{this.properties={heading:u}}static{this.styles=[O,_`dialog{width:min(560px,calc(100vw - 32px));max-height:min(85vh,900px);border:1px solid var(--line);border-radius:var(--ha-dialog-border-radius, 24px);padding:24px;background:var(--ha-card-background, var(--card-background-color, #fff));color:var(--text);overflow:auto}dialog::backdrop{background:#00000080}h2{margin-bottom:8px;overflow-wrap:anywhere}@media(max-width:500px){dialog{width:100vw;max-width:100vw;margin:auto 0 0;border-radius:24px 24px 0 0}}`]}firstDrawn(e){e.querySelector("dialog")?.showModal()}render(){return l`<dialog aria-labelledby="heading" @close=${this.zt} @click=${this.Nt}>
<h2 id="heading" tabindex="-1" autofocus>${this.heading}</h2>
<slot></slot>
</dialog>`}zt(){this.dispatchEvent(new Event("closed"))}Nt(e){let t=e.currentTarget,i=t.getBoundingClientRect(),s=e.clientX>=i.left&&e.clientX<=i.right&&e.clientY>=i.top&&e.clientY<=i.bottom;e.target===t&&e.detail&&!s&&t.close()}};var Bt=[1,2,5,10,30],ue=6e4,_t=class{constructor(e,t,i){this.connection=e;this.entry=t;this.language=i;this.b=new Set;this.tt=new Map;this.mt=0;this.ft=0;this.et=!1;this.it=()=>{this.et=!0,this.bt(),this.st()}}join(e){return this.b.add(e),this.b.size===1&&(this.connection.addEventListener("ready",this.it),this.st()),()=>{this.b.delete(e),!this.b.size&&(this.connection.removeEventListener("ready",this.it),this.bt())}}poster(e){if(!e)return null;let t=e.replace(/[?&]authSig=[^&]*/,""),i=this.tt.get(t);return i||(this.tt.set(t,e),e)}renew(){Date.now()-this.ft<ue||(this.ft=Date.now(),this.it())}bt(){clearTimeout(this.gt),this.v?.then(e=>e?.()).catch(()=>{}),this.v=void 0}st(){let e=this.connection.subscribeMessage(t=>{this.v===e&&this.jt(t)},{type:"oxicleanarr/plan/subscribe",...this.entry?{config_entry_id:this.entry}:{},language:this.language},{resubscribe:!1}).then(t=>(this.mt=0,t)).catch(t=>{if(this.v!==e)return;this.error=t?.code??"unknown",this.vt();let i=Bt[Math.min(this.mt++,Bt.length-1)]??30;this.gt=setTimeout(()=>this.st(),i*1e3)});this.v=e}jt(e){e.plan?(this.et&&e.plan.pending&&(this.tt.clear(),this.et=!1),this.plan=e.plan.pending?e.plan:{...this.plan,...e.plan},this.error=void 0):this.plan&&e.progress!==void 0&&(this.plan={...this.plan,progress:e.progress}),this.vt()}vt(){for(let e of this.b)e()}},Lt=new WeakMap;function Wt(r,e){let t=Lt.get(r.connection);t||Lt.set(r.connection,t=new Map);let i=`${e??""} ${r.language}`,s=t.get(i);return s||t.set(i,s=new _t(r.connection,e,r.language)),s}async function q(r){return{...r,localize:await r.loadBackendTranslation("common","oxicleanarr")}}function S(){return document.querySelector("home-assistant")?.hass}function $t(r,e,t){return r?.localize(`component.oxicleanarr.common.card_${e}`,t)??""}function a(r,e,t={}){return $t(r,e,t)}function b(r,e,t,i={}){let s={count:it(r,t),...i},n=new Intl.PluralRules(r?.language).select(t);return $t(r,`${e}_${n}`,s)||$t(r,`${e}_other`,s)}function it(r,e){return new Intl.NumberFormat(C(r)).format(e)}function C(r){return r?.locale?.language??r?.language??"en"}var st=["grid","list","timeline"],ge=(r,e)=>r?.connection!==e?.connection||r?.language!==e?.language||r?.locale!==e?.locale||r?.localize!==e?.localize||r?.themes?.darkMode!==e?.themes?.darkMode,N=class extends P{static{this.properties={hass:ge}}toast(e){this.dispatchEvent(new CustomEvent("hass-notification",{detail:{message:e},bubbles:!0,composed:!0}))}wrong(e){let t=e?.message??String(e);this.toast(a(this.hass,"failed",{error:t}))}async act(e,t,i){try{return(await this.hass.callService("oxicleanarr",t,{config_entry_id:e.config_entry_id,...i},void 0,!1,!0)).response}catch(s){this.wrong(s);return}}},y=class extends N{static{this.styles=[qt,O]}static{this.properties={...N.properties,config:u,plan:u,error:u}}setConfig(e){for(let t of["days","postpone_days","limit"]){let i=e[t];if(i!==void 0&&!(Number.isInteger(i)&&i>=0&&i<=3650))throw new Error(`${t} must be a whole number from 0 to 3650`)}if(e.view&&!st.includes(e.view))throw new Error("view must be grid, list or timeline");this.config=e,this.isConnected&&this.nt()}getCardSize(){return 6}getGridOptions(){return{columns:12,min_columns:6,rows:"auto"}}connectedCallback(){super.connectedCallback(),this.nt(),this.yt=setInterval(()=>this.redraw(),3e5)}disconnectedCallback(){clearInterval(this.yt),this.E?.(),this.E=void 0,this.household=void 0}beforeDrawing(e){this.toggleAttribute("dark",!!this.hass?.themes?.darkMode),e.has("hass")&&this.hass&&q(this.hass).catch(()=>{}),(e.has("hass")||e.has("config"))&&this.nt()}dialog(e,t,i){return l`<oxicleanarr-dialog .heading=${e} @closed=${t}>${i}</oxicleanarr-dialog>`}heard(){}nt(){if(!this.isConnected||!this.hass||!this.config)return;let e=Wt(this.hass,this.config.config_entry_id);if(e===this.household)return;this.E?.(),this.household=e;let t=()=>{let{pending:i}=this.plan??{};this.plan=e.plan,this.error=e.error,this.plan?.pending&&this.plan.pending!==i&&this.heard()};this.E=e.join(t),t()}},Vt={days:[0,365],postpone_days:[1,365],limit:[1,100]};function T(...r){return{schema:[{name:"title",selector:{text:{}}},...r.map(e=>{let[t,i]=Vt[e]??[];return{name:e,selector:Vt[e]?{number:{min:t,max:i,mode:"box"}}:{select:{mode:"dropdown",options:st.map(s=>({value:s,label:a(S(),`view_${s}`)}))}}}}),{name:"config_entry_id",selector:{config_entry:{integration:"oxicleanarr"}}}],computeLabel:e=>a(S(),`label_${e.name}`)}}var Ut=[["terabyte",1e12],["gigabyte",1e9],["megabyte",1e6]];function w(r,e){let[t,i]=Ut.find(([,s])=>e>=s)??Ut[2];return new Intl.NumberFormat(C(r),{style:"unit",unit:t,unitDisplay:"short",maximumFractionDigits:e/i>=100?0:1}).format(e/i)}function Kt(r){return r?.locale?.time_zone==="local"?void 0:r?.config.time_zone}function $(r,e,t){let i=new Date(e),s=i.getFullYear()===new Date().getFullYear();return new Intl.DateTimeFormat(C(r),{...t??{month:"long",day:"numeric",...s?{}:{year:"numeric"}},timeZone:Kt(r)}).format(i)}function K(r,e){let t=new Intl.DateTimeFormat("en-CA",{year:"numeric",month:"2-digit",day:"2-digit",timeZone:Kt(r)}).format(new Date(e));return Math.round(Date.parse(`${t}T00:00:00Z`)/864e5)}function j(r,e){let t=new Intl.RelativeTimeFormat(C(r),{numeric:"auto"}),i=Math.min(0,(Date.parse(e)-Date.now())/6e4);if(i>-1)return t.format(0,"second");if(Math.abs(i)<60)return t.format(Math.round(i),"minute");let s=K(r,e)-K(r,new Date);return s?Math.abs(s)<60?t.format(s,"day"):t.format(Math.round(s/30),"month"):t.format(Math.round(i/60),"hour")}function xt(r,e){let t=e.slice(0,3);return e.length>3&&t.push(`+${e.length-3}`),new Intl.ListFormat(C(r)).format(t)}var Yt=r=>String(r??"?").padStart(2,"0");function v(r){return r.kind==="episode"&&r.series?`${r.series} S${Yt(r.season)}E${Yt(r.episode)}`:r.kind==="season"&&r.series?`${r.series}, ${r.title}`:r.title}function wt(r,e,t){return t?a(r,"ready"):e<=0?a(r,"today"):e===1?a(r,"tomorrow"):b(r,"in_days",e)}function Zt(r,e){let t=[];return e.episodes.length&&t.push(b(r,"episodes",e.episodes.length)),t.push(e.watched_by.length?a(r,"watched_by",{users:xt(r,e.watched_by)}):a(r,"nobody")),t.join(" · ")}function Z(r,e){return e.size_bytes===null?a(r,"size_unknown"):w(r,e.size_bytes)}function D(r){return r.reduce((e,t)=>e+(t.size_bytes??0),0)}var me=new Set(["keep","favorite","unmatched","unclear","copy"]),nt=class extends N{constructor(){super(...arguments);this._t=""}static{this.properties={...N.properties,plan:u,household:u,about:u,postponeDays:u,deletable:u,rt:u,n:u,t:u}}static{this.styles=[O,_`.item{display:grid;grid-template-columns:56px 1fr;gap:12px;align-items:center}.trace{margin-top:12px}.trace li{display:grid;grid-template-columns:24px 1fr;gap:8px;padding:5px 0}.mark{width:20px;height:20px;border-radius:10px;display:grid;place-items:center;background:var(--line);color:var(--soft);--mdc-icon-size: 14px}.mark.yes{background:var(--ok-quiet);color:var(--ok)}.mark.goes{background:var(--warn-quiet);color:var(--warn)}.change{margin:12px 0}.wait{min-height:180px}`]}beforeDrawing(){this.hass&&this._t!==this.about.item_id&&(this._t=this.about.item_id,this.rt=void 0,this.z())}async z(){let t=await this.act(this.plan,"explain_item",{item_id:this.about.item_id});t?.verdict&&(this.rt=t)}$t(){return this.plan.pending?.find(t=>t.item_id===this.about.item_id)}async q(t,i,s){this.t=!0;let n=await this.act(this.plan,t,i);this.t=!1,n&&(this.n=!1,this.toast(s),this.dispatchEvent(new CustomEvent("changed",{detail:{action:t,...i}})),await this.z())}r(t){let i=v(this.about),s=t?b(this.hass,"toast_postponed",1,{title:i,date:$(this.hass,t)}):b(this.hass,"toast_kept",1,{title:i});this.q("keep_item",{item_id:this.about.item_id,...t?{until:t}:{}},s)}It(){this.r(At(this.postponeDays,this.$t()?.due_at))}render(){let t=this.hass,i=this.$t(),s=this.rt,n=[this.about.year&&this.about.kind!=="episode"?String(this.about.year):"",i?.size_bytes?w(t,i.size_bytes):"",s?.item.library??""].filter(Boolean);return l`<div class="item">
<oxicleanarr-poster small .path=${this.about.poster} .household=${this.household}></oxicleanarr-poster>
<div>
<h3>${v(this.about)}</h3>
<p class="soft small">${n.join(" · ")}</p>
</div>
</div>
${s?this.ot(s,i):l`<div class="wait empty" role="status">${a(t,"loading")}</div>`}`}ot(t,i){let{verdict:s}=t,n=this.hass,o=s.outcome==="keep",c=i?.due_at??s.due_at;return l`<div class="note ${o?"ok":"warn"}" role="status">
<strong>${o||!c?a(n,"stays"):a(n,"leaves",{date:$(n,c)})}</strong>
${s.reason}
</div>
${t.trace.length?l`<ol class="trace" aria-label=${a(n,"trace")}>
${t.trace.map(d=>this.Ft(d,s.reason))}
</ol>`:h}
${s.would_change?l`<p class="soft change">${s.would_change}</p>`:h}
${this.Ot(s,i)}`}Ft(t,i){let s=t.matched?t.outcome==="delete"?"goes":"yes":"",n=me.has(t.type)?`held_${t.type}`:t.matched?"matched":"asked";return l`<li>
<span class="mark ${s}" aria-hidden="true"
><ha-icon icon=${t.matched?"mdi:check":"mdi:minus"}></ha-icon
></span>
<span
>${a(this.hass,n,{rule:t.rule})}
${t.because&&t.because!==i?l`<br /><span class="soft small">${t.because}</span>`:h}</span
>
</li>`}Ot(t,i){let s=this.hass,n=t.reason_code==="kept_by_user";return this.n?kt(s,o=>this.r(o),()=>this.n=!1,this.t):l`<div class="row">
${n?l`<button
class="b fill"
?disabled=${this.t}
@click=${()=>this.q("unkeep_item",{item_id:this.about.item_id},a(s,"toast_unkept",{title:v(this.about)}))}
>
${a(s,"unkeep")}
</button>`:l`<button class="b fill" ?disabled=${this.t} @click=${()=>this.r()}>
${a(s,"keep_for_good")}
</button>`}
<button class="b" ?disabled=${this.t} @click=${()=>this.n=!0}>${a(s,"keep_until")}</button>
${i?l`<button class="b" ?disabled=${this.t} @click=${this.It}>
${a(s,"postpone",{days:this.postponeDays})}
</button>`:h}
${i&&this.plan.admin&&X(i)?l`<button
class="b"
?disabled=${this.t}
@click=${()=>this.q("approve_item",{item_ids:[this.about.item_id]},b(s,"toast_approved",1,{title:v(this.about)}))}
>
${a(s,"approve")}
</button>`:h}
${i?.approval==="approved"?l`<button
class="b"
?disabled=${this.t}
@click=${()=>this.q("unapprove_item",{item_ids:[this.about.item_id]},a(s,"toast_unapproved",{title:v(this.about)}))}
>
${a(s,"unapprove")}
</button>`:h}
${i&&this.plan.admin&&this.deletable?l`<button
class="b danger"
@click=${()=>this.dispatchEvent(new CustomEvent("delete",{detail:[i]}))}
>
${a(s,"delete_now")}
</button>`:h}
</div>`}};function X(r){return r.approval==="pending"||r.approval==="waiting"}function Gt(r){return Date.parse(r.due_at)<=Date.now()&&!X(r)}function kt(r,e,t,i=!1){return l`<form class="row" @submit=${n=>{n.preventDefault();let o=new FormData(n.target).get("until");o&&e(new Date(`${String(o)}T23:59:59`).toISOString())}}>
<label
>${a(r,"date")}
<input class="date" type="date" name="until" required min=${Xt(1)} value=${Xt(30)}
/></label>
<button class="b fill" type="submit" ?disabled=${i}>${a(r,"keep")}</button>
<button class="b" type="button" @click=${t}>${a(r,"cancel")}</button>
</form>`}function Xt(r){let e=new Date;return e.setDate(e.getDate()+r),`${e.getFullYear()}-${String(e.getMonth()+1).padStart(2,"0")}-${String(e.getDate()).padStart(2,"0")}`}function At(r,e){let t=Math.max(Date.now(),e?Date.parse(e):0);return new Date(t+r*864e5).toISOString()}var fe=1e3;function be(r){let e=new Map;for(let t of r){let i=e.get(t.deletion_id??t);i?i.push(t):e.set(t.deletion_id??t,[t])}return[...e.values()]}var rt=class extends y{static{this.properties={...y.properties,W:u,xt:u,n:u,t:u,Y:u}}constructor(){super(),this.Y=new Map}static getConfigForm(){return T("limit")}static getStubConfig(){return{limit:10}}heard(){this.K()}async K(){let e=await this.act(this.plan,"get_deletions",{limit:fe});e&&(this.W=e.deletions)}render(){let e=this.hass,t=be(this.W??[]),i=this.xt??this.config?.limit??10;return l`<ha-card>
<div class="head"><h2>${this.config?.title||a(e,"log")}</h2></div>
${this.W?this.W.length?l`<ul class="log">
${t.slice(0,i).map(s=>this.qt(s))}
</ul>`:l`<div class="empty">
<ha-icon icon="mdi:trash-can-outline"></ha-icon>
<p>${a(e,"log_empty")}</p>
</div>`:l`<div class="empty" role="status">${a(e,this.error?"not_ready":"loading")}</div>`}
${t.length>i?l`<button class="b" @click=${()=>this.xt=i+25}>${a(e,"more")}</button>`:h}
${this.n?this.z(this.n):h}
</ha-card>`}qt(e){let t=this.hass,i=e.find(c=>c.outcome!=="deleted")??e[0],s=[j(t,i.finished_at??i.intended_at),e.length>1&&i.series?b(t,"episodes",e.length):"",a(t,"through",{apps:xt(t,[...new Set(e.flatMap(c=>c.deleted_by))])}),e.length>1?w(t,D(e)):Z(t,i),i.outcome==="deleted"?"":a(t,`outcome_${i.outcome}`),this.Bt(i)].filter(Boolean),n=e.length>1?i.series??i.title:v(i),o=this.Y.get(i.deletion_id);return l`<li>
<div>
<p class="name">${n}</p>
<p class="soft small" title=${$(t,i.intended_at,{dateStyle:"long",timeStyle:"short"})}>
${s.join(" · ")}
</p>
<p class="soft small">${i.error??i.reason}</p>
${o?l`<p class="small ok" role="status">${o.map(c=>l`${c}<br />`)}</p>`:h}
</div>
${this.Lt(i,n)}
</li>`}Bt(e){return e.recycle_bin?e.recoverable_until?Date.parse(e.recoverable_until)<Date.now()?"":a(this.hass,"recycle_until",{date:$(this.hass,e.recoverable_until)}):a(this.hass,"recycle"):""}Lt(e,t){let i=this.hass;if(!e.bring_back||e.outcome==="failed")return h;if(e.bring_back==="possible")return this.plan?.admin?l`<button
class="b"
?disabled=${this.t}
aria-label=${a(i,"bring_back_title",{title:t})}
@click=${()=>this.n=e}
>
${a(i,"bring_back")}
</button>`:h;let s={under_way:"bring_under_way",done:"bring_done",impossible:"bring_impossible"}[e.bring_back];return l`<span class="small way ${e.bring_back}" title=${e.bring_back_reason??""}>${a(i,s)}</span>`}z(e){let t=this.hass,i=()=>{this.n=void 0};return this.dialog(a(t,"bring_heading",{title:v(e)}),i,l`<p>${a(t,"bring_text")}</p>
<form
@submit=${s=>{s.preventDefault();let n=new FormData(s.target).has("search");i(),this.Wt(e,n)}}
>
<label class="row"><input type="checkbox" name="search" checked /> ${a(t,"bring_search")}</label>
<div class="row end">
<button class="b" type="button" @click=${i}>${a(t,"cancel")}</button>
<button class="b fill" type="submit">${a(t,"bring_back")}</button>
</div>
</form>`)}async Wt(e,t){this.t=!0;let i=await this.act(this.plan,"bring_back",{deletion_id:e.deletion_id,search:t});if(this.t=!1,!i)return;let s=i.titles.map(n=>[n.added||n.searched?a(this.hass,n.searched?"bring_searched":"bring_added",{title:n.title,server:n.server??""}):`${n.title}:`,n.reason??""].join(" "));this.Y=new Map(this.Y).set(e.deletion_id,s),await this.K()}static{this.styles=[...y.styles,_`.log{margin-top:8px}.log li{display:flex;gap:12px;align-items:center;padding:10px 0;border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 300px auto 72px}.log li:first-child{border:0}.log div{flex:1;min-width:0;overflow-wrap:anywhere}.name{font-weight:500}.way{color:var(--soft)}.under_way{color:var(--accent)}.done,.ok{color:var(--ok)}form{margin-top:12px}`]}};var Jt=new WeakMap,Pt=new IntersectionObserver(r=>{for(let{isIntersecting:e,target:t}of r)e&&(Pt.unobserve(t),Jt.get(t)?.())},{rootMargin:"150px"}),at=class extends P{static{this.properties={path:u,name:u,household:u,lt:u,wt:u}}static{this.styles=[_`:host{display:flex;position:relative;aspect-ratio:2 / 3;border-radius:10px;overflow:hidden;align-items:flex-end;background:linear-gradient(160deg,#33434d,#16202a);color:#fff;contain:strict}span{padding:12px;font-weight:500;font-size:16px;line-height:20px;overflow-wrap:anywhere}:host([small]) span{display:none}:host([small]){border-radius:6px}img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}`]}connectedCallback(){super.connectedCallback(),Jt.set(this,()=>this.lt=!0),this.lt||Pt.observe(this)}disconnectedCallback(){Pt.unobserve(this)}render(){let e=this.household?.poster(this.path)??null;return l`<span aria-hidden="true">${this.name}</span>${this.lt&&e&&this.wt!==e?l`<img src=${e} alt="" decoding="async" @error=${()=>this.Vt(e)} />`:h}`}Vt(e){this.wt=e,this.household?.renew()}};var ve=250,ot=class extends y{static{this.properties={...y.properties,l:u,y:u,kt:u,x:u}}static getConfigForm(){return T("postpone_days")}static getStubConfig(){return{}}getCardSize(){return 3}render(){let e=this.hass,t=this.config?.title||a(e,"search");return l`<ha-card>
<label class="find">
<ha-icon icon="mdi:magnify"></ha-icon>
<input
type="search"
maxlength="200"
autocomplete="off"
aria-label=${t}
placeholder=${t}
.value=${this.l??""}
@input=${this.Ut}
/>
</label>
<div aria-live="polite">${this.ot()}</div>
</ha-card>`}ot(){let e=this.hass;return this.x&&this.plan?l`<button class="b back" @click=${()=>this.x=void 0}>
<ha-icon icon="mdi:arrow-left"></ha-icon>${a(e,"back")}
</button>
<oxicleanarr-why
.hass=${e}
.plan=${this.plan}
.household=${this.household}
.about=${this.x}
.postponeDays=${this.config?.postpone_days??30}
></oxicleanarr-why>`:!this.l?.trim()||!this.y?this.plan||!this.error?h:l`<p class="soft hint">${a(e,"not_ready")}</p>`:this.y.length?l`<ul>
${this.y.map(t=>l`<li>
<button class="hit" @click=${()=>this.x=t}>
<oxicleanarr-poster small .path=${t.poster} .household=${this.household}></oxicleanarr-poster>
<span
>${v(t)} ${t.year&&t.kind!=="episode"?l`<span class="soft">(${t.year})</span>`:h}
<br /><span class="small ${t.due_at?"goes":"soft"}"
>${t.due_at?a(e,"leaves",{date:$(e,t.due_at)}):a(e,"stays")}</span
></span
>
</button>
</li>`)}
</ul>
${this.kt?l`<p class="soft small">${a(e,"more_match")}</p>`:h}`:l`<p class="soft hint">${a(e,"no_match",{query:this.l})}</p>`}Ut(e){this.l=e.target.value,this.x=void 0,clearTimeout(this.At),this.At=setTimeout(()=>{this.Yt(this.l)},ve)}async Yt(e){if(!e.trim()||!this.hass){this.y=void 0;return}try{let t=await this.hass.callWS({type:"oxicleanarr/titles/search",query:e,...this.config?.config_entry_id?{config_entry_id:this.config.config_entry_id}:{}});if(e!==this.l)return;this.y=t.titles,this.kt=t.more}catch(t){this.wrong(t)}}static{this.styles=[...y.styles,_`.find{display:flex;align-items:center;gap:8px;border:1px solid var(--soft);border-radius:28px;padding:4px 14px;color:var(--soft)}.find:focus-within{outline:2px solid var(--accent)}input{flex:1;min-width:0;min-height:40px;border:0;outline:none!important;background:transparent;color:var(--text);font-size:16px}input::placeholder{color:var(--soft);opacity:1}.hint{margin:12px 4px 0}ul{margin-top:8px}.hit{display:grid;grid-template-columns:40px 1fr;gap:12px;align-items:center;width:100%;padding:6px;border-radius:8px}.hit:hover{background:var(--accent-quiet)}.goes{color:var(--warn)}.back{display:flex;gap:4px;align-items:center;margin:8px 0;padding-inline-start:4px;--mdc-icon-size: 18px}:host(:dir(rtl)) .back ha-icon{transform:scaleX(-1)}`]}};var lt=class extends y{static{this.properties={...y.properties,Pt:u}}static getConfigForm(){return T()}static getStubConfig(){return{}}heard(){this.K()}async K(){try{this.Pt=await this.hass.callWS({type:"oxicleanarr/statistics",config_entry_id:this.plan.config_entry_id})}catch(e){this.wrong(e)}}render(){let e=this.hass,t=this.Pt;return l`<ha-card>
<div class="head"><h2>${this.config?.title||a(e,"stats")}</h2></div>
${t?l`<p class="big">${a(e,"freed_total",{size:w(e,t.reclaimed_bytes)})}</p>
${this.Kt(t)} ${this.Zt(t)} ${this.Xt(t)}`:l`<div class="empty" role="status">${a(e,this.error?"not_ready":"loading")}</div>`}
</ha-card>`}Kt(e){let t=this.hass,i=Math.max(...e.weeks.map(n=>n.bytes));if(!i)return h;let s=n=>$(t,`${n}T12:00:00`,{month:"short",day:"numeric"});return l`<h3>${a(t,"freed_weeks")}</h3>
<ul class="weeks">
${e.weeks.map(n=>{let o=a(t,"week_label",{date:s(n.begins_on),size:w(t,n.bytes)});return l`<li title=${o}>
<span class="hidden">${o}</span
><i class=${n.bytes?"some":""} style="height:${n.bytes?Math.max(4,100*n.bytes/i):2}%"></i>
</li>`})}
</ul>
<div class="ends soft small" aria-hidden="true">
<span>${s(e.weeks[0].begins_on)}</span><span>${w(t,i)}</span
><span>${s(e.weeks.at(-1).begins_on)}</span>
</div>`}Zt(e){let t=this.hass,i=e.libraries.filter(n=>n.watched_share!==null);if(!i.length)return h;let s=new Intl.NumberFormat(C(t),{style:"percent",maximumFractionDigits:0});return l`<h3>${a(t,"watched_share")}</h3>
<ul>
${i.map(n=>{let o=s.format(n.watched_share/100);return l`<li class="share">
<div class="row between"><span>${n.name}</span><span class="soft">${o}</span></div>
<progress
max="100"
.value=${n.watched_share}
aria-label=${a(t,"share_label",{name:n.name,share:o})}
></progress>
</li>`})}
</ul>`}Xt(e){let t=this.hass,i=[e.dry_run?a(t,"next_dry"):a(t,e.automatic_deletion?"next_auto":"next_manual"),[e.due?a(t,"next_due",{count:e.due}):"",e.next_deletion?a(t,"next_date",{date:$(t,e.next_deletion)}):"",e.synced_at?a(t,"last_sync",{when:j(t,e.synced_at)}):""].filter(Boolean).join(" · ")];return l`<h3>${a(t,"next")}</h3>
${i.filter(Boolean).map(s=>l`<p class="soft">${s}</p>`)}`}static{this.styles=[...y.styles,_`.big{font-size:18px;line-height:26px;margin-top:4px}h3{margin:16px 0 6px;font-size:14px;line-height:20px}.weeks{display:flex;gap:3px;align-items:end;height:96px;border-bottom:1px solid var(--line)}.weeks li{flex:1;height:100%;display:flex;align-items:end;position:relative}i{display:block;width:100%;background:var(--line);border-radius:3px 3px 0 0}i.some{background:var(--accent)}.ends,.between{display:flex;justify-content:space-between}.ends{margin-top:4px}.share{margin:6px 0 10px}`]}};var ye=["deletion_blocked","dry_run","automatic_deletion","pending_deletions","leaving_soon","due","reclaimable_space","next_deletion"],dt=class extends HTMLElement{static{this.registryDependencies=["entities"]}static getCreateSuggestions(){return{title:"OxiCleanarr",icon:"mdi:movie-off-outline"}}static async generate(e,t){let i=await q(t),s=Object.values(i.entities).filter(f=>f.platform==="oxicleanarr"&&!f.hidden),n=(f,R)=>s.find(Q=>Q.translation_key===R&&Q.entity_id.startsWith(`${f}.`)),o=e.config_entry_id?{config_entry_id:e.config_entry_id}:{},c={grid_options:{columns:"full"}},d=(f,R={})=>({type:`custom:oxicleanarr-${f}`,...o,...R}),p=f=>({type:"heading",heading:a(i,f)}),g=f=>({type:"tile",entity:f.entity_id,...f.translation_key==="rule"?{}:{name:{type:"entity"}}}),m=ye.map(f=>s.find(R=>R.translation_key===f)).filter(f=>f!==void 0&&!f.entity_id.startsWith("switch.")),x=["dry_run","automatic_deletion"].flatMap(f=>n("switch",f)??[]),k=s.filter(f=>f.entity_id.startsWith("switch.")&&!x.includes(f)&&f.translation_key==="rule"),H=n("calendar","deletions"),re=s.filter(f=>f.entity_id.startsWith("todo.")),J=(f,R,Q,St,...ae)=>({title:f,path:R,icon:Q,type:"sections",max_columns:St,sections:ae.filter(ct=>ct.length).map((ct,oe)=>({type:"grid",cards:ct,...oe===0&&St===3?{column_span:2}:{}}))});return{views:[J(a(i,"view_overview"),"leaving-soon","mdi:movie-off-outline",3,[d("search",c),d("leaving-soon",c)],[...m.length?[p("status"),...m.map(g)]:[],...x.length?[p("switches"),...x.map(g)]:[]]),J(a(i,"view_plan"),"calendar","mdi:calendar-month",2,H?[{type:"calendar",entities:[H.entity_id],initial_view:"listWeek",...c}]:[],re.map(f=>({type:"todo-list",entity:f.entity_id,hide_create:!0,...c}))),J(a(i,"view_history"),"history","mdi:trash-can-outline",2,[d("log",{limit:15,...c})],[d("stats",c)]),J(a(i,"view_rules"),"rules","mdi:clipboard-list-outline",2,[p("rules"),...k.length?k.map(g):[{type:"markdown",content:a(i,"no_rules"),...c}]])]}}};var _e={grid:"mdi:view-grid",list:"mdi:view-list",timeline:"mdi:calendar-week"},Qt=14,$e=500,G=class extends y{constructor(){super();this.S=!1;this.St=new Map;this.s=new Set,this.i=new Map}static{this.properties={...y.properties,dt:u,d:u,a:u,e:u,s:u,i:u,c:u,g:u,w:u,Z:u,t:u}}static getConfigForm(){return T("view","days","postpone_days")}static getStubConfig(){return{view:"grid",days:14}}get o(){return this.config?.days??Qt}get X(){return this.config?.postpone_days??30}beforeDrawing(t){if(super.beforeDrawing(t),t.has("plan")&&this.plan){let{synced_at:i,pending:s}=this.plan,n=[...this.i].filter(([,d])=>d.synced_at===i);n.length!==this.i.size&&(this.i=new Map(n)),s?.forEach((d,p)=>this.St.set(d.item_id,p));let o=new Set(s?.map(d=>d.item_id)),c=[...this.s].filter(d=>o.has(d));c.length!==this.s.size&&(this.s=new Set(c))}}m(t){return Math.max(0,K(this.hass,t.due_at)-K(this.hass,new Date))}Ct(t){let i=t.pending?.length??0;return Math.max(0,(t.counts?.pending??0)-i)}Gt(t){let i=t.pending??[],s=new Set(i.map(d=>d.item_id)),n=[...i],o=[...this.i.values()].filter(d=>!s.has(d.title.item_id)),c=d=>this.St.get(d.title.item_id)??0;for(let d of o.sort((p,g)=>c(p)-c(g)))n.splice(c(d),0,d.title);return n}render(){let{plan:t,hass:i}=this;return l`<ha-card>
<div class="head">
<h2>${this.config?.title||a(i,"leaving_soon")}</h2>
${t?.dry_run?l`<span class="chip warn">${a(i,"dry_run")}</span>`:h}
${t?.counts?.awaiting_approval?l`<span class="chip">${b(i,"awaiting",t.counts.awaiting_approval)}</span>`:h}
${t?.pending?.length?this.Jt():h}
</div>
${t?this.Qt(t):this.te()}
</ha-card>`}te(){let t=this.hass;return this.error==="not_found"?l`<div class="empty" role="status">
<ha-icon icon="mdi:timer-sand"></ha-icon>
<p>${a(t,"not_ready")}</p>
${this.config?.config_entry_id?h:l`<p class="small">${a(t,"several")}</p>`}
</div>`:l`<p class="sum hidden" role="status">${a(t,"loading")}</p>
<ul class="wall" aria-hidden="true">
${Array.from({length:6},()=>l`<li class="tile bone"><div></div></li>`)}
</ul>`}Qt(t){let i=this.hass,s=this.Gt(t),n=this.o&&!this.d?s.filter(p=>this.m(p)<this.o):s,o=this.a===void 0?n:n.filter(p=>this.m(p)===this.a),c=s.length-n.length,d=this.Ct(t);return l`${this.ee(t)} ${this.ie(t)}
${s.length?l`${n.length?l`<p class="sum soft">${this.se(t,n)}</p>`:h}
${n.length?this.ne(n):h}
${o.length?this.re(o):l`<div class="empty" role="status">
${a(i,this.a===void 0?"nothing_soon":"nothing_that_day",{days:this.o})}
</div>`}
${this.a===void 0&&(c||this.d&&this.o)?l`<button class="b more" @click=${()=>this.d=!this.d}>
${this.d?a(i,"fewer"):b(i,"later",c)}
</button>`:h}
${d?l`<p class="sum soft">${a(i,"not_all",{shown:it(i,s.length),count:it(i,s.length+d)})}</p>`:h}`:l`<div class="empty" role="status">
<ha-icon icon=${t.pending?"mdi:movie-check-outline":"mdi:movie-search-outline"}></ha-icon>
${t.pending?l`<p>${a(i,"nothing")}</p>
<p class="small">${a(i,"nothing_hint")}</p>`:l`<p>${a(i,"first_sync")}</p>`}
</div>`}
${this.e?this.ae(t,s):h} ${this.oe(t)}`}se(t,i){let s=this.hass,n=i.filter(g=>!this.i.has(g.item_id));if(!n.length)return a(s,"nothing_soon",{days:this.o});let o=i.length>=(t.pending?.length??0)?this.Ct(t):0,c=this.d||!this.o||o>0,d=c&&!this.i.size?t.reclaimable_bytes??D(n):D(n),p=this.m(n[0]);return[b(s,c?"summary_all":"summary",n.length+o,{size:w(s,d),days:this.o}),p<1?a(s,"first_today"):p<2?a(s,"first_tomorrow"):a(s,"first_days",{days:p})].join(" ")}ee(t){let i=t.progress;if(!i)return h;let s=this.hass,n=i.title?a(s,"work_title",{title:i.title}):a(s,`work_${i.work}`),o=i.total?a(s,"progress",{done:i.done,total:i.total}):"";return l`<div class="note" role="status">
<div class="row"><span class="grow">${n}</span><span>${o}</span></div>
<progress
aria-label=${n}
max=${i.total??1}
.value=${i.total?i.done:0}
></progress>
</div>`}ie(t){if(!t.blocked_by.length)return h;let i=this.hass;return l`<div class="note warn" role="status">
<strong>${a(i,"blocked")}</strong>
${t.blocked_by.map(s=>l`<p>${s.reason}</p>`)}
<p>
${t.synced_at&&t.pending?a(i,"plan_of",{when:j(i,t.synced_at)}):h}
${t.admin?l`<a href="/config/repairs" @click=${this.le}>${a(i,"open_repairs")}</a>`:h}
</p>
</div>`}le(t){t.ctrlKey||t.metaKey||t.shiftKey||(t.preventDefault(),history.pushState(null,"",t.currentTarget.getAttribute("href")),window.dispatchEvent(new CustomEvent("location-changed",{detail:{replace:!1}})))}Jt(){let t=this.hass,i=this.dt??this.config?.view??"grid";return l`<div class="tools" role="group" aria-label=${a(t,"view")}>
${st.map(s=>l`<button
class="tool"
aria-pressed=${i===s}
aria-label=${a(t,`view_${s}`)}
title=${a(t,`view_${s}`)}
@click=${()=>this.dt=s}
>
<ha-icon icon=${_e[s]}></ha-icon>
</button>`)}
</div>
<button
class="b"
aria-pressed=${!!this.e}
@click=${()=>{this.e=!this.e,this.s=new Set}}
>
${a(t,this.e?"done":"select")}
</button>`}ne(t){let i=this.hass,s=new Map;for(let n of t){let o=this.m(n);this.i.has(n.item_id)||s.set(o,(s.get(o)??0)+1)}return l`<div class="days" role="group" aria-label=${a(i,"days_strip")}>
${Array.from({length:Qt},(n,o)=>{let c=new Date(Date.now()+o*864e5),d=s.get(o)??0;return l`<button
class="day ${d?o<2?"now":"has":""}"
?disabled=${!d&&this.a!==o}
aria-pressed=${this.a===o}
@click=${()=>this.a=this.a===o?void 0:o}
>
${$(i,c,{weekday:"short"})} <b>${$(i,c,{day:"numeric"})}</b> ${d?l`${d} <span class="hidden">${b(i,"titles",d)}</span>`:"·"}
</button>`})}
</div>`}re(t){let i=this.dt??this.config?.view??"grid";if(i!=="timeline")return this.Tt(t,i);let s=new Map;for(let o of t){let c=this.m(o);s.set(c,[...s.get(c)??[],o])}let n=this.hass;return l`${[...s].map(([o,c])=>{let d=$(n,new Date(Date.now()+o*864e5),{weekday:"long",month:"long",day:"numeric"});return l`<section>
<h3>${o<2?`${wt(n,o,!1)}, ${d}`:d}</h3>
<p class="soft small">${b(n,"day_titles",c.length)} · ${w(n,D(c))}</p>
${this.Tt(c,"grid")}
</section>`})}`}Tt(t,i){return l`<ul class="wall ${i}">
${t.map(s=>this.de(s,i))}
</ul>`}de(t,i){let s=this.hass,n=this.i.get(t.item_id),o=this.m(t),c=Date.parse(t.due_at)<=Date.now(),d=c&&X(t),p=v(t),g=n?a(s,"kept"):d?a(s,"awaiting"):wt(s,o,c),m=this.s.has(t.item_id),x=this.e?a(s,"select_title",{title:p,when:g}):a(s,"explain_title",{title:p,when:g});return l`<li class="tile ${n?"kept":""} ${m?"sel":""}">
<button
class="face"
aria-label=${x}
aria-pressed=${this.e?String(m):h}
@click=${()=>this.ce(t)}
@pointerdown=${()=>this.he(t)}
@pointerup=${this.ht}
@pointerleave=${this.ht}
@pointercancel=${this.ht}
@contextmenu=${k=>this.S&&k.preventDefault()}
>
<oxicleanarr-poster
?small=${i==="list"}
.path=${t.poster}
.name=${p}
.household=${this.household}
></oxicleanarr-poster>
<span class="badge ${n||d?"":o<2?"now":o<4?"soon":""}">${g}</span>
${this.e?l`<span class="check"
><ha-icon icon=${m?"mdi:check-circle":"mdi:checkbox-blank-circle-outline"}></ha-icon
></span>`:h}
</button>
<div class="words">
<p class="name" title=${p}>${p}</p>
<p class="why">
${n?n.until?a(s,"kept_until",{date:$(s,n.until)}):a(s,"kept"):Zt(s,t)}
</p>
<p class="why">
${t.watched&&t.last_watched_at?`${j(s,t.last_watched_at)} · `:""}${Z(s,t)}${this.pe(t)}${t.rule_type==="standard"?"":` · ${t.rule}`}
</p>
</div>
${this.e?h:l`<button
class="keep"
aria-label=${a(s,n?"unkeep_title":"keep_title",{title:p})}
aria-pressed=${!!n}
@click=${()=>n?this.ue(t):this.r([t])}
>
<ha-icon icon=${n?"mdi:bookmark":"mdi:bookmark-outline"}></ha-icon>
</button>`}
</li>`}pe(t){if(!t.approval)return h;let i={pending:"awaiting",waiting:"waits",approved:"approved"}[t.approval];return l` · <span class=${t.approval}>${a(this.hass,i)}</span>`}he(t){this.S=!1,clearTimeout(this.ct),!this.e&&(this.ct=setTimeout(()=>{this.S=!0,this.e=!0,this.Dt(t)},$e))}ht(){clearTimeout(this.ct)}ce(t){this.S?this.S=!1:this.e?this.Dt(t):this.c=t}Dt(t){let i=new Set(this.s);i.delete(t.item_id)||i.add(t.item_id),this.s=i}Ht(t,i){let s=new Map(this.i);for(let n of t)s.set(n.item_id,{title:n,until:i,synced_at:this.plan.synced_at});this.i=s}Rt(t){let i=new Map(this.i);i.delete(t),this.i=i}async r(t,i,s=0){let n=this.plan;this.t=!0;let o=[];for(let p of t){let g=i?.(p);if(!await this.act(n,"keep_item",{item_id:p.item_id,...g?{until:g}:{}}))break;this.Ht([p],g??null),o.push(p)}if(this.t=!1,o.length!==t.length)return;this.pt();let c=v(o[0]),d=this.hass;this.toast(i?b(d,"toast_postponed",o.length,{title:c,days:s,date:$(d,i(o[0]))}):b(d,"toast_kept",o.length,{title:c}))}async ue(t){await this.act(this.plan,"unkeep_item",{item_id:t.item_id})&&(this.Rt(t.item_id),this.toast(a(this.hass,"toast_unkept",{title:v(t)})))}async ge(t){this.t=!0;let i=await this.act(this.plan,"approve_item",{item_ids:t.map(s=>s.item_id)});this.t=!1,i&&(this.pt(),this.toast(b(this.hass,"toast_approved",t.length,{title:v(t[0])})))}async me(t){this.t=!0;let i=await this.act(this.plan,"delete_media",{item_ids:t.map(s=>s.item_id)});this.t=!1,this.g=void 0,i&&(this.pt(),this.Z=i)}pt(){this.e=!1,this.s=new Set}ae(t,i){let s=this.hass,n=i.filter(d=>this.s.has(d.item_id)),o=n.filter(X),c=!n.length||this.t;return l`<div class="bar" role="toolbar" aria-label=${a(s,"select")}>
<b aria-live="polite">${b(s,"selected",n.length)} · ${w(s,D(n))}</b>
<button class="b fill" ?disabled=${c} @click=${()=>this.r(n)}>${a(s,"keep")}</button>
<button class="b" ?disabled=${c} @click=${()=>this.w=n}>${a(s,"keep_until")}</button>
<button
class="b"
?disabled=${c}
@click=${()=>this.r(n,d=>At(this.X,d.due_at),this.X)}
>
${a(s,"postpone",{days:this.X})}
</button>
${t.admin&&o.length?l`<button class="b" ?disabled=${c} @click=${()=>this.ge(o)}>
${a(s,"approve")}
</button>`:h}
${t.admin?l`<button class="b danger" ?disabled=${c} @click=${()=>this.g=n}>
${a(s,"delete_now")}
</button>`:h}
</div>`}oe(t){return this.g?this.fe(t,this.g):this.Z?this.be(this.Z):this.w?this.ve(this.w):this.c?this.ye(t,this.c):h}ye(t,i){return this.dialog(a(this.hass,"why"),()=>this.c=void 0,l`<oxicleanarr-why
.deletable=${!0}
.hass=${this.hass}
.plan=${t}
.household=${this.household}
.about=${i}
.postponeDays=${this.X}
@changed=${s=>{s.detail.action==="keep_item"&&this.Ht([i],s.detail.until??null),s.detail.action==="unkeep_item"&&this.Rt(i.item_id)}}
@delete=${s=>{this.c=void 0,this.g=s.detail}}
></oxicleanarr-why>
${this.Mt()}`)}Mt(){return l`<div class="row end">
<button class="b" @click=${this.f}>${a(this.hass,"close")}</button>
</div>`}f(){this.c=this.g=this.w=this.Z=void 0}ve(t){return this.dialog(b(this.hass,"keep_until_heading",t.length,{title:v(t[0])}),this.f,kt(this.hass,i=>{this.w=void 0,this.r(t,()=>i)},()=>this.f()))}fe(t,i){let s=this.hass,n=i.filter(Gt),o=i.length-n.length,c=n.length?t.dry_run?"delete_dry":"delete_text":"delete_none";return this.dialog(b(s,"delete_heading",i.length,{title:v(i[0])}),this.f,l`<ul class="plain">
${i.map(d=>l`<li>${v(d)} <span class="soft">· ${Z(s,d)}</span></li>`)}
</ul>
<p>${a(s,c,{size:w(s,D(n))})}</p>
${n.length&&o?l`<p>${b(s,"delete_early",o)}</p>`:h}
<div class="row end">
<button class="b" @click=${this.f}>${a(s,"cancel")}</button>
<button class="b fill danger" ?disabled=${!n.length||this.t} @click=${()=>this.me(n)}>
${a(s,t.dry_run?"try":"delete")}
</button>
</div>`)}be(t){let i=this.hass,s=(n,o,c)=>o.length?l`<h3>${a(i,n)}</h3>
<ul class="plain">
${o.map(d=>l`<li>${v(d)}<br /><span class="soft small">${c(d)}</span></li>`)}
</ul>`:h;return this.dialog(a(i,"result"),this.f,l`<p>
${t.deleted.length?b(i,"result_deleted",t.deleted.length,{size:w(i,t.reclaimed_bytes)}):a(i,"result_nothing")}
</p>
${s("result_skipped",t.skipped,n=>n.reason)}
${s("result_failed",t.failed,n=>n.error)} ${this.Mt()}`)}static{this.styles=[...y.styles,_`.sum{margin:4px 0 12px}.grow{flex:1}.note{margin-bottom:4px}.tools{display:flex;border-radius:20px;background:var(--accent-quiet)}.tool{width:40px;height:40px;border-radius:20px;color:var(--accent);display:grid;place-items:center;--mdc-icon-size: 20px}.tool[aria-pressed=true]{background:var(--loud);color:var(--on-loud)}.days{display:grid;grid-template-columns:repeat(14,1fr);gap:4px;margin:0 0 14px}.day{border-radius:8px;text-align:center;padding:6px 0 5px;color:var(--soft);font-size:11px;line-height:14px;min-height:44px}.day b{display:block;color:var(--text);font-size:13px;font-weight:500}.day[disabled]{cursor:default}.day.has,.day.has b{background:var(--accent-quiet);color:var(--accent)}.day.now,.day.now b{background:var(--danger-quiet);color:var(--danger)}.day[aria-pressed=true]{outline:2px solid currentColor}section{margin-top:16px}section p{margin-bottom:8px}.wall{display:grid;grid-template-columns:repeat(auto-fill,minmax(132px,1fr));gap:16px 12px}.wall.list{grid-template-columns:1fr;gap:8px}.tile{position:relative;min-width:0;content-visibility:auto;contain-intrinsic-size:auto 150px auto 290px}.list .tile{display:grid;grid-template-columns:48px 1fr auto;gap:12px;align-items:center;contain-intrinsic-size:auto 300px auto 72px}.bone div{aspect-ratio:2/3;margin-bottom:64px;border-radius:10px;background:var(--line)}.face{display:block;width:100%;border-radius:10px;position:relative;touch-action:pan-y;user-select:none;-webkit-touch-callout:none}.list .face{position:static}.list .face:after{content:"";position:absolute;inset:0}:is(.badge,.keep,.check){position:absolute;z-index:1;background:#101418d1;color:#fff}.badge{inset-inline-start:8px;top:8px;border-radius:8px;padding:3px 8px;font-size:12px;line-height:16px;font-weight:500}.badge.now{background:#b3261e}.badge.soon{background:#8a5a00}.list .badge{position:absolute;inset-inline:auto 56px;top:50%;transform:translateY(-50%)}.keep,.check{inset-inline-end:6px;top:6px;width:40px;height:40px;border-radius:20px;display:grid;place-items:center;--mdc-icon-size: 20px}.list .keep,.list .check{position:relative;inset:auto;background:transparent;color:var(--text)}.list .check{position:absolute;inset-inline-end:0;top:50%;transform:translateY(-50%)}.list .words{padding-inline-end:96px}.name{font-weight:500;margin:8px 0 0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.list .name{margin:0}.why{overflow-wrap:anywhere;color:var(--soft);font-size:12px;line-height:16px}.pending,.waiting{color:var(--warn)}.approved{color:var(--ok)}.face:focus-visible{outline:0}.face:focus-visible:after,.sel .face:after{content:"";position:absolute;inset:0;border-radius:10px;box-shadow:inset 0 0 0 3px var(--accent),inset 0 0 0 5px var(--card-background-color, #fff)}.tile.kept oxicleanarr-poster{filter:grayscale(.9) brightness(.6)}.tile.kept .why{color:var(--ok)}.more{display:block;margin:12px auto 0}.bar{position:sticky;bottom:max(8px,env(safe-area-inset-bottom));z-index:2;display:flex;flex-wrap:wrap;gap:4px;align-items:center;background:var(--accent-quiet);color:var(--accent);border-radius:12px;padding:8px 12px;margin-top:14px;box-shadow:var(--ha-box-shadow-m, 0 2px 8px rgba(0, 0, 0, .25))}.bar b{flex:1;font-weight:500;min-width:140px}.plain{margin:8px 0 12px}.plain li{padding:2px 0}@container (max-width: 480px){.days{grid-template-columns:repeat(7,1fr)}.day:nth-child(n+8){display:none}.wall:not(.list){grid-template-columns:repeat(2,minmax(0,1fr))}}@media(prefers-reduced-motion:no-preference){.b,.day{transition:background-color .15s}}`]}};function te(r,e){let t=r.entities[e];return t?.platform==="oxicleanarr"&&["leaving_soon","pending_deletions","due","deletions","reclaimable_space"].includes(t.translation_key??"")}var ie="https://unpublished.invalid/oxicleanarr-home-assistant/blob/main/docs/card.md",se=window,xe=[["oxicleanarr-dialog",et],["oxicleanarr-poster",at],["oxicleanarr-why",nt],["oxicleanarr-leaving-soon",G],["oxicleanarr-search",ot],["oxicleanarr-log",rt],["oxicleanarr-stats",lt],["ll-strategy-dashboard-oxicleanarr",dt]];for(let[r,e]of xe)customElements.get(r)||customElements.define(r,e);var ee=S();ee&&q(ee).catch(()=>{});function ne(r,e){r.some(t=>t.type===e.type)||r.push(e)}var we=se.customCards??=[];for(let[r,e,t,i]of[["leaving-soon","leaving_soon","wall_description",{getEntitySuggestion:(s,n)=>te(s,n)?{config:{type:"custom:oxicleanarr-leaving-soon",...G.getStubConfig()}}:null}],["search","search_name","search_description",{}],["log","log","log_description",{}],["stats","stats_name","stats_description",{}]])ne(we,{type:`oxicleanarr-${r}`,get name(){return`OxiCleanarr: ${a(S(),e)}`},get description(){return a(S(),t)},preview:!0,documentationURL:ie,...i});ne(se.customStrategies??=[],{type:"oxicleanarr",strategyType:"dashboard",name:"OxiCleanarr",get description(){return a(S(),"dashboard_description")},documentationURL:ie});
