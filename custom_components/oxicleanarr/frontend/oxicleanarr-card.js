var ge=globalThis,Pe=r=>r,X=ge.trustedTypes,Te=X?X.createPolicy("lit-html",{createHTML:r=>r}):void 0,Ee="$lit$",S=`lit$${Math.random().toFixed(9).slice(2)}$`,ze="?"+S,rt=`<${ze}>`,M=document,O=()=>M.createComment(""),B=r=>r===null||typeof r!="object"&&typeof r!="function",me=Array.isArray,at=r=>me(r)||typeof r?.[Symbol.iterator]=="function",le=`[ 	
\f\r]`,L=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Ce=/-->/g,De=/>/g,R=RegExp(`>|${le}(?:([^\\s"'>=/]+)(${le}*=${le}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Re=/'/g,He=/"/g,Ne=/^(?:script|style|textarea|title)$/i,fe=r=>(t,...e)=>({_$litType$:r,strings:t,values:e}),d=fe(1),$t=fe(2),wt=fe(3),q=Symbol.for("lit-noChange"),h=Symbol.for("lit-nothing"),Me=new WeakMap,H=M.createTreeWalker(M,129);function Ie(r,t){if(!me(r)||!r.hasOwnProperty("raw"))throw Error("invalid template strings array");return Te!==void 0?Te.createHTML(t):t}var ot=(r,t)=>{let e=r.length-1,i=[],s,n=t===2?"<svg>":t===3?"<math>":"",o=L;for(let c=0;c<e;c++){let l=r[c],u,m,g=-1,x=0;for(;x<l.length&&(o.lastIndex=x,m=o.exec(l),m!==null);)x=o.lastIndex,o===L?m[1]==="!--"?o=Ce:m[1]!==void 0?o=De:m[2]!==void 0?(Ne.test(m[2])&&(s=RegExp("</"+m[2],"g")),o=R):m[3]!==void 0&&(o=R):o===R?m[0]===">"?(o=s??L,g=-1):m[1]===void 0?g=-2:(g=o.lastIndex-m[2].length,u=m[1],o=m[3]===void 0?R:m[3]==='"'?He:Re):o===He||o===Re?o=R:o===Ce||o===De?o=L:(o=R,s=void 0);let k=o===R&&r[c+1].startsWith("/>")?" ":"";n+=o===L?l+rt:g>=0?(i.push(u),l.slice(0,g)+Ee+l.slice(g)+S+k):l+S+(g===-2?c:k)}return[Ie(r,n+(r[e]||"<?>")+(t===2?"</svg>":t===3?"</math>":"")),i]},W=class r{constructor({strings:t,_$litType$:e},i){let s;this.parts=[];let n=0,o=0,c=t.length-1,l=this.parts,[u,m]=ot(t,e);if(this.el=r.createElement(u,i),H.currentNode=this.el.content,e===2||e===3){let g=this.el.content.firstChild;g.replaceWith(...g.childNodes)}for(;(s=H.nextNode())!==null&&l.length<c;){if(s.nodeType===1){if(s.hasAttributes())for(let g of s.getAttributeNames())if(g.endsWith(Ee)){let x=m[o++],k=s.getAttribute(g).split(S),N=/([.?@])?(.*)/.exec(x);l.push({type:1,index:n,name:N[2],strings:k,ctor:N[1]==="."?ce:N[1]==="?"?he:N[1]==="@"?pe:F}),s.removeAttribute(g)}else g.startsWith(S)&&(l.push({type:6,index:n}),s.removeAttribute(g));if(Ne.test(s.tagName)){let g=s.textContent.split(S),x=g.length-1;if(x>0){s.textContent=X?X.emptyScript:"";for(let k=0;k<x;k++)s.append(g[k],O()),H.nextNode(),l.push({type:2,index:++n});s.append(g[x],O())}}}else if(s.nodeType===8)if(s.data===ze)l.push({type:2,index:n});else{let g=-1;for(;(g=s.data.indexOf(S,g+1))!==-1;)l.push({type:7,index:n}),g+=S.length-1}n++}}static createElement(t,e){let i=M.createElement("template");return i.innerHTML=t,i}};function I(r,t,e=r,i){if(t===q)return t;let s=i!==void 0?e._$Co?.[i]:e._$Cl,n=B(t)?void 0:t._$litDirective$;return s?.constructor!==n&&(s?._$AO?.(!1),n===void 0?s=void 0:(s=new n(r),s._$AT(r,e,i)),i!==void 0?(e._$Co??=[])[i]=s:e._$Cl=s),s!==void 0&&(t=I(r,s._$AS(r,t.values),s,i)),t}var de=class{constructor(t,e){this._$AV=[],this._$AN=void 0,this._$AD=t,this._$AM=e}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(t){let{el:{content:e},parts:i}=this._$AD,s=(t?.creationScope??M).importNode(e,!0);H.currentNode=s;let n=H.nextNode(),o=0,c=0,l=i[0];for(;l!==void 0;){if(o===l.index){let u;l.type===2?u=new V(n,n.nextSibling,this,t):l.type===1?u=new l.ctor(n,l.name,l.strings,this,t):l.type===6&&(u=new ue(n,this,t)),this._$AV.push(u),l=i[++c]}o!==l?.index&&(n=H.nextNode(),o++)}return H.currentNode=M,s}p(t){let e=0;for(let i of this._$AV)i!==void 0&&(i.strings!==void 0?(i._$AI(t,i,e),e+=i.strings.length-2):i._$AI(t[e])),e++}},V=class r{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(t,e,i,s){this.type=2,this._$AH=h,this._$AN=void 0,this._$AA=t,this._$AB=e,this._$AM=i,this.options=s,this._$Cv=s?.isConnected??!0}get parentNode(){let t=this._$AA.parentNode,e=this._$AM;return e!==void 0&&t?.nodeType===11&&(t=e.parentNode),t}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(t,e=this){t=I(this,t,e),B(t)?t===h||t==null||t===""?(this._$AH!==h&&this._$AR(),this._$AH=h):t!==this._$AH&&t!==q&&this._(t):t._$litType$!==void 0?this.$(t):t.nodeType!==void 0?this.T(t):at(t)?this.k(t):this._(t)}O(t){return this._$AA.parentNode.insertBefore(t,this._$AB)}T(t){this._$AH!==t&&(this._$AR(),this._$AH=this.O(t))}_(t){this._$AH!==h&&B(this._$AH)?this._$AA.nextSibling.data=t:this.T(M.createTextNode(t)),this._$AH=t}$(t){let{values:e,_$litType$:i}=t,s=typeof i=="number"?this._$AC(t):(i.el===void 0&&(i.el=W.createElement(Ie(i.h,i.h[0]),this.options)),i);if(this._$AH?._$AD===s)this._$AH.p(e);else{let n=new de(s,this),o=n.u(this.options);n.p(e),this.T(o),this._$AH=n}}_$AC(t){let e=Me.get(t.strings);return e===void 0&&Me.set(t.strings,e=new W(t)),e}k(t){me(this._$AH)||(this._$AH=[],this._$AR());let e=this._$AH,i,s=0;for(let n of t)s===e.length?e.push(i=new r(this.O(O()),this.O(O()),this,this.options)):i=e[s],i._$AI(n),s++;s<e.length&&(this._$AR(i&&i._$AB.nextSibling,s),e.length=s)}_$AR(t=this._$AA.nextSibling,e){for(this._$AP?.(!1,!0,e);t!==this._$AB;){let i=Pe(t).nextSibling;Pe(t).remove(),t=i}}setConnected(t){this._$AM===void 0&&(this._$Cv=t,this._$AP?.(t))}},F=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(t,e,i,s,n){this.type=1,this._$AH=h,this._$AN=void 0,this.element=t,this.name=e,this._$AM=s,this.options=n,i.length>2||i[0]!==""||i[1]!==""?(this._$AH=Array(i.length-1).fill(new String),this.strings=i):this._$AH=h}_$AI(t,e=this,i,s){let n=this.strings,o=!1;if(n===void 0)t=I(this,t,e,0),o=!B(t)||t!==this._$AH&&t!==q,o&&(this._$AH=t);else{let c=t,l,u;for(t=n[0],l=0;l<n.length-1;l++)u=I(this,c[i+l],e,l),u===q&&(u=this._$AH[l]),o||=!B(u)||u!==this._$AH[l],u===h?t=h:t!==h&&(t+=(u??"")+n[l+1]),this._$AH[l]=u}o&&!s&&this.j(t)}j(t){t===h?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,t??"")}},ce=class extends F{constructor(){super(...arguments),this.type=3}j(t){this.element[this.name]=t===h?void 0:t}},he=class extends F{constructor(){super(...arguments),this.type=4}j(t){this.element.toggleAttribute(this.name,!!t&&t!==h)}},pe=class extends F{constructor(t,e,i,s,n){super(t,e,i,s,n),this.type=5}_$AI(t,e=this){if((t=I(this,t,e,0)??h)===q)return;let i=this._$AH,s=t===h&&i!==h||t.capture!==i.capture||t.once!==i.once||t.passive!==i.passive,n=t!==h&&(i===h||s);s&&this.element.removeEventListener(this.name,this,i),n&&this.element.addEventListener(this.name,this,t),this._$AH=t}handleEvent(t){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,t):this._$AH.handleEvent(t)}},ue=class{constructor(t,e,i){this.element=t,this.type=6,this._$AN=void 0,this._$AM=e,this.options=i}get _$AU(){return this._$AM._$AU}_$AI(t){I(this,t)}};var lt=ge.litHtmlPolyfillSupport;lt?.(W,V),(ge.litHtmlVersions??=[]).push("3.3.3");var Fe=(r,t,e)=>{let i=e?.renderBefore??t,s=i._$litPart$;if(s===void 0){let n=e?.renderBefore??null;i._$litPart$=s=new V(t.insertBefore(O(),n),n,void 0,e??{})}return s._$AI(r),s};var _=String.raw,je=new Map;function dt(r){let t=je.get(r);return t||(t=new CSSStyleSheet,t.replaceSync(r),je.set(r,t)),t}var p=(r,t)=>r!==t,A=class extends HTMLElement{constructor(){super();this.X=this.attachShadow({mode:"open"});this.J=new Set;this.Q=!1;this.pe=!1;let{properties:e,styles:i}=this.constructor;this.X.adoptedStyleSheets=i.map(dt);for(let[s,n]of Object.entries(e)){let o;Object.defineProperty(this,s,{get:()=>o,set:c=>{let l=o;o=c,n(c,l)&&this.redraw(s)}})}}static{this.properties={}}static{this.styles=[]}connectedCallback(){this.redraw()}redraw(e=""){this.J.add(e),!(this.Q||!this.isConnected)&&(this.Q=!0,queueMicrotask(()=>this.He()))}beforeDrawing(e){}firstDrawn(e){}He(){let e=this.J;this.J=new Set,this.beforeDrawing(e),this.Q=!1,Fe(this.render(),this.X,{host:this}),this.pe||this.firstDrawn(this.X),this.pe=!0}};var Le=_`:host{--accent: var(--ha-color-primary-30, #006787);--accent-quiet: var(--ha-color-primary-95, #eff9fe);--loud: var(--ha-color-primary-30, #006787);--on-loud: #fff;--warn: var(--ha-color-orange-40, #9d3800);--warn-quiet: var(--ha-color-orange-95, #fff0e4);--danger: var(--ha-color-red-40, #b30532);--danger-quiet: var(--ha-color-red-95, #fff0ef);--ok: var(--ha-color-green-40, #036730);--ok-quiet: var(--ha-color-green-95, #e3f9e3);--soft: var(--secondary-text-color, #5e5e5e);--text: var(--primary-text-color, #141414);--line: var(--divider-color, #0000001f);color-scheme:light}:host([dark]){--accent: var(--ha-color-primary-70, #7bd4fb);--accent-quiet: var(--ha-color-primary-10, #002e3e);--warn: var(--ha-color-orange-80, #ffbb89);--warn-quiet: var(--ha-color-orange-10, #3b0f00);--danger: var(--ha-color-red-80, #ffb8b6);--danger-quiet: var(--ha-color-red-10, #3e0913);--ok: var(--ha-color-green-80, #93da98);--ok-quiet: var(--ha-color-green-10, #052310);color-scheme:dark}`,j=_`:host{display:block;color:var(--text);font-size:14px;line-height:20px}*{box-sizing:border-box}ha-card{padding:16px;container-type:inline-size;height:100%}h2{font-size:20px;line-height:28px;font-weight:500;margin:0;flex:1 1 auto}h3{font-size:16px;line-height:24px;font-weight:500;margin:0}p{margin:0}ul,ol{list-style:none;margin:0;padding:0}.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.soft{color:var(--soft)}.small{font-size:12px;line-height:16px}.chip{border-radius:16px;padding:4px 10px;font-size:12px;line-height:16px;font-weight:500;background:var(--accent-quiet);color:var(--accent)}.chip.warn{background:var(--warn-quiet);color:var(--warn)}.note{border-radius:10px;padding:10px 12px;background:var(--accent-quiet);color:var(--accent);margin-top:12px}.note.warn{background:var(--warn-quiet);color:var(--warn)}.note.ok{background:var(--ok-quiet);color:var(--ok);font-weight:500}.note a{color:inherit;font-weight:500}.note strong{font-weight:500}button,input,a{font:inherit}button{border:0;background:transparent;color:inherit;cursor:pointer;padding:0;text-align:start}:is(button,a,input,summary):focus-visible{outline:2px solid var(--accent);outline-offset:2px}.b{border-radius:20px;padding:8px 16px;min-height:40px;font-weight:500;color:var(--accent);text-align:center}.b:hover{background:var(--accent-quiet)}.b.fill{background:var(--loud);color:var(--on-loud)}.b.danger{color:var(--danger)}.b.danger:hover{background:var(--danger-quiet)}.b.danger.fill{background:var(--ha-color-red-40, #b30532);color:#fff}.b[disabled]{opacity:.5;cursor:default}.row{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.date{min-height:40px;border:1px solid var(--soft);border-radius:8px;padding:4px 8px;background:transparent;color:var(--text)}.end{justify-content:end;margin-top:16px}.empty{display:grid;justify-items:center;gap:4px;padding:32px 16px;text-align:center;color:var(--soft)}.empty ha-icon{--mdc-icon-size: 40px;color:var(--soft)}:host(:dir(rtl)) :is(p,h2,h3,.bar b,.chip,.badge){unicode-bidi:plaintext;text-align:right}.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}progress{appearance:none;width:100%;height:6px;border:0;border-radius:3px;overflow:hidden;background:var(--line);display:block;margin-top:6px}progress::-webkit-progress-bar{background:var(--line)}progress::-webkit-progress-value{background:var(--accent)}progress::-moz-progress-bar{background:var(--accent)}`;var J=class extends A{static{this.properties={heading:p}}static{this.styles=[j,_`dialog{width:min(560px,calc(100vw - 32px));max-height:min(85vh,900px);border:1px solid var(--line);border-radius:var(--ha-dialog-border-radius, 24px);padding:24px;background:var(--ha-card-background, var(--card-background-color, #fff));color:var(--text);overflow:auto}dialog::backdrop{background:#00000080}h2{margin-bottom:8px;overflow-wrap:anywhere}@media(max-width:500px){dialog{width:100vw;max-width:100vw;margin:auto 0 0;border-radius:24px 24px 0 0}}`]}firstDrawn(t){t.querySelector("dialog")?.showModal()}render(){return d`<dialog aria-labelledby="heading" @close=${this.Me} @click=${this.Ee}>
<h2 id="heading" tabindex="-1" autofocus>${this.heading}</h2>
<slot></slot>
</dialog>`}Me(){this.dispatchEvent(new Event("closed"))}Ee(t){let e=t.currentTarget,i=e.getBoundingClientRect(),s=t.clientX>=i.left&&t.clientX<=i.right&&t.clientY>=i.top&&t.clientY<=i.bottom;t.target===e&&t.detail&&!s&&e.close()}};var Oe=[1,2,5,10,30],ct=6e4,be=class{constructor(t,e){this.connection=t;this.entry=e;this.b=new Set;this.ee=new Map;this.ge=0;this.me=0;this.te=!1;this.ie=()=>{this.te=!0,this.fe(),this.se()}}join(t){return this.b.add(t),this.b.size===1&&(this.connection.addEventListener("ready",this.ie),this.se()),()=>{this.b.delete(t),!this.b.size&&(this.connection.removeEventListener("ready",this.ie),this.fe())}}poster(t){if(!t)return null;let e=t.replace(/[?&]authSig=[^&]*/,""),i=this.ee.get(e);return i||(this.ee.set(e,t),t)}renew(){Date.now()-this.me<ct||(this.me=Date.now(),this.ie())}fe(){clearTimeout(this.ue),this.v?.then(t=>t?.()).catch(()=>{}),this.v=void 0}se(){let t=this.connection.subscribeMessage(e=>{this.v===t&&this.ze(e)},{type:"oxicleanarr/plan/subscribe",...this.entry?{config_entry_id:this.entry}:{}},{resubscribe:!1}).then(e=>(this.ge=0,e)).catch(e=>{if(this.v!==t)return;this.error=e?.code??"unknown",this.be();let i=Oe[Math.min(this.ge++,Oe.length-1)]??30;this.ue=setTimeout(()=>this.se(),i*1e3)});this.v=t}ze(t){t.plan?(this.te&&t.plan.pending&&(this.ee.clear(),this.te=!1),this.plan=t.plan.pending?t.plan:{...this.plan,...t.plan},this.error=void 0):this.plan&&t.progress!==void 0&&(this.plan={...this.plan,progress:t.progress}),this.be()}be(){for(let t of this.b)t()}},Be=new WeakMap;function qe(r,t){let e=Be.get(r.connection);e||Be.set(r.connection,e=new Map);let i=e.get(t??"");return i||e.set(t??"",i=new be(r.connection,t)),i}var ve={leaving_soon:"Leaving soon",dry_run:"Dry run: nothing is deleted",loading:"Loading…",not_ready:"OxiCleanarr isn't ready yet. This updates as soon as it is.",several:"Choose an OxiCleanarr entry in the card's settings.",first_sync:"Your libraries are being read for the first time. You'll see what is pending when that's done.",nothing:"Nothing is pending",nothing_hint:"Titles show up here as soon as your rules mark them for deletion.",nothing_soon:"Nothing leaves in the next {days} days.",nothing_that_day:"Nothing leaves that day.","summary.one":"{count} title in the next {days} days frees {size}.","summary.other":"{count} titles in the next {days} days free {size}.","summary_all.one":"{count} pending title frees {size}.","summary_all.other":"{count} pending titles free {size}.",first_today:"The first can leave today.",first_tomorrow:"The first leaves tomorrow.",first_days:"The first leaves in {days} days.","later.one":"Show {count} more that leaves later","later.other":"Show {count} more that leave later",fewer:"Show less",blocked:"Nothing is deleted right now",open_repairs:"Open repairs",plan_of:"This list is from {when}.",work_library:"Reading your libraries",work_users:"Reading watch states",work_history:"Reading the play history",work_deletion:"Deleting",work_title:"Deleting {title}",progress:"{done} of {total}",view:"View",view_grid:"Grid",view_list:"List",view_timeline:"Timeline",select:"Select",done:"Done",days_strip:"Days","day_titles.one":"{count} title","day_titles.other":"{count} titles","titles.one":"title","titles.other":"titles",ready:"Ready",today:"Today",tomorrow:"Tomorrow","in_days.one":"{count} day","in_days.other":"{count} days",kept:"Kept",kept_until:"Kept until {date}",awaiting:"Needs approval","awaiting.one":"{count} needs approval","awaiting.other":"{count} need approval",waits:"Ready, not approved",approved:"Approved",watched_by:"Watched by {users}",nobody:"Nobody has watched it","episodes.one":"{count} episode","episodes.other":"{count} episodes",size_unknown:"Size unknown",keep_title:"Keep {title}",unkeep_title:"Stop keeping {title}",explain_title:"{title}, {when}. Show why",select_title:"{title}, {when}. Select","selected.one":"{count} selected","selected.other":"{count} selected",keep:"Keep",keep_until:"Keep until…",keep_for_good:"Keep for good",unkeep:"Stop keeping",postpone:"Postpone {days} days",approve:"Approve",unapprove:"Take back approval",delete_now:"Delete now",cancel:"Cancel",close:"Close",date:"Keep until","keep_until_heading.one":"Keep {title} until","keep_until_heading.other":"Keep {count} titles until","delete_heading.one":"Delete {title}?","delete_heading.other":"Delete {count} titles?",delete_text:"The files are deleted from the disk: {size}. You can't undo this here.",delete_dry:"Dry run is on, so nothing is deleted. You'll see what would happen.","delete_early.one":"{count} title isn't ready yet and is skipped.","delete_early.other":"{count} titles aren't ready yet and are skipped.",delete_none:"None of these is ready yet. Titles can be deleted once their date has come.",delete:"Delete",try:"Try it",result:"Result","result_deleted.one":"{count} title deleted, {size} free again.","result_deleted.other":"{count} titles deleted, {size} free again.",result_nothing:"Nothing was deleted.",result_skipped:"Skipped",result_failed:"Failed","toast_kept.one":"{title} is kept.","toast_kept.other":"{count} titles are kept.","toast_postponed.one":"{title} stays until {date}.","toast_postponed.other":"{count} titles stay {days} days longer.",toast_unkept:"{title} isn't kept anymore.","toast_approved.one":"{title} is approved.","toast_approved.other":"{count} titles are approved.",toast_unapproved:"{title} needs approval again.",failed:"That didn't work: {error}",why:"Why",stays:"Stays.",leaves:"Leaves {date}.",matched:"{rule} decides",asked:"{rule} doesn't decide",held_keep:"A person keeps it",held_favorite:"It is a favorite",held_unmatched:"Its server isn't clear",held_unclear:"Something about it isn't clear",held_copy:"Another copy stays",trace:"Rules, in the order they were checked",search:"Find a title to see why it stays",no_match:"No title has “{query}” in its name.",more_match:"There are more. Type more of the name.",back:"Back to the results",log:"Deletion log",log_empty:"Nothing has been deleted yet.",more:"Show more",through:"through {apps}",outcome_intended:"under way",outcome_unconfirmed:"not confirmed yet",outcome_failed:"failed, the file is still there",recycle:"in the recycle bin",recycle_until:"in the recycle bin until {date}",bring_back:"Bring back",bring_back_title:"Bring back {title}",bring_heading:"Bring back {title}?",bring_text:"It is added and monitored as before, and kept for 90 days or until somebody has watched it.",bring_search:"Search for it right away",bring_under_way:"On its way back",bring_done:"There again",bring_impossible:"Can't be brought back",bring_added:"{title} was added to {server}.",bring_searched:"{title} was added to {server}, which is searching for it.",stats:"Space",freed_total:"{size} freed so far",freed_weeks:"Freed per week",week_label:"Week of {date}: {size}",watched_share:"Watched",share_label:"{name}: {share} watched",next:"Next",next_dry:"Dry run is on, so nothing is deleted.",next_manual:"Automatic deletion is off. Ready titles wait for you.",next_auto:"Ready titles are deleted automatically.",next_due:"{count} ready now",next_date:"Next title ready {date}",last_sync:"Last read {when}",label_title:"Title",label_config_entry_id:"OxiCleanarr entry",label_view:"View",label_days:"Days to show (0 shows everything pending)",label_postpone_days:"Days to postpone by",label_limit:"Rows to show at first",wall_description:"What leaves soon, as posters: keep, postpone and see why.",search_name:"Find a title",search_description:"Search all your titles and see why each one stays or leaves.",log_description:"What was deleted, when, why and through what.",stats_name:"Space and watching",stats_description:"Space freed over time, watched share per library, what comes next.",dashboard_name:"OxiCleanarr",dashboard_description:"What leaves, when and why, with search, calendar, log and rules.",view_overview:"Leaving soon",view_plan:"Calendar",view_history:"History",view_rules:"Rules",status:"Status",switches:"Switches",rules:"Rules",no_rules:"No rules yet. Add one under Settings > Devices & services > OxiCleanarr."},We={en:ve};function ht(r){let t=r?.language??"en";return We[t]??We[t.split("-")[0]??"en"]??ve}function a(r,t,e={}){return(ht(r)[t]??ve[t]).replace(/\{(\w+)\}/g,(s,n)=>String(e[n]??s))}function b(r,t,e,i={}){return a(r,`${t}.${e===1?"one":"other"}`,{count:new Intl.NumberFormat(P(r)).format(e),...i})}function P(r){return r?.locale?.language??r?.language??"en"}var Q=["grid","list","timeline"],pt=(r,t)=>r?.connection!==t?.connection||r?.language!==t?.language||r?.locale!==t?.locale||r?.themes?.darkMode!==t?.themes?.darkMode,E=class extends A{static{this.properties={hass:pt}}toast(t){this.dispatchEvent(new CustomEvent("hass-notification",{detail:{message:t},bubbles:!0,composed:!0}))}wrong(t){let e=t?.message??String(t);this.toast(a(this.hass,"failed",{error:e}))}async act(t,e,i){try{return(await this.hass.callService("oxicleanarr",e,{config_entry_id:t.config_entry_id,...i},void 0,!1,!0)).response}catch(s){this.wrong(s);return}}},y=class extends E{static{this.styles=[Le,j]}static{this.properties={...E.properties,config:p,plan:p,error:p}}setConfig(t){for(let e of["days","postpone_days","limit"]){let i=t[e];if(i!==void 0&&!(Number.isInteger(i)&&i>=0&&i<=3650))throw new Error(`${e} must be a whole number from 0 to 3650`)}if(t.view&&!Q.includes(t.view))throw new Error("view must be grid, list or timeline");this.config=t,this.isConnected&&this.ne()}getCardSize(){return 6}getGridOptions(){return{columns:12,min_columns:6,rows:"auto"}}connectedCallback(){super.connectedCallback(),this.ne(),this.ve=setInterval(()=>this.redraw(),3e5)}disconnectedCallback(){clearInterval(this.ve),this.E?.(),this.E=void 0,this.household=void 0}beforeDrawing(t){this.toggleAttribute("dark",!!this.hass?.themes?.darkMode),(t.has("hass")||t.has("config"))&&this.ne()}dialog(t,e,i){return d`<oxicleanarr-dialog .heading=${t} @closed=${e}>${i}</oxicleanarr-dialog>`}heard(){}ne(){if(!this.isConnected||!this.hass||!this.config)return;let t=qe(this.hass,this.config.config_entry_id);if(t===this.household)return;this.E?.(),this.household=t;let e=()=>{let{pending:i}=this.plan??{};this.plan=t.plan,this.error=t.error,this.plan?.pending&&this.plan.pending!==i&&this.heard()};this.E=t.join(e),e()}},Ve={days:[0,365],postpone_days:[1,365],limit:[1,100]};function T(...r){return{schema:[{name:"title",selector:{text:{}}},...r.map(t=>{let[e,i]=Ve[t]??[];return{name:t,selector:Ve[t]?{number:{min:e,max:i,mode:"box"}}:{select:{mode:"dropdown",options:Q.map(s=>({value:s,label:a(void 0,`view_${s}`)}))}}}}),{name:"config_entry_id",selector:{config_entry:{integration:"oxicleanarr"}}}],computeLabel:t=>a(void 0,`label_${t.name}`)}}var Ke=[["terabyte",1e12],["gigabyte",1e9],["megabyte",1e6]];function w(r,t){let[e,i]=Ke.find(([,s])=>t>=s)??Ke[2];return new Intl.NumberFormat(P(r),{style:"unit",unit:e,unitDisplay:"short",maximumFractionDigits:t/i>=100?0:1}).format(t/i)}function Ye(r){return r?.locale?.time_zone==="local"?void 0:r?.config.time_zone}function $(r,t,e){let i=new Date(t),s=i.getFullYear()===new Date().getFullYear();return new Intl.DateTimeFormat(P(r),{...e??{month:"long",day:"numeric",...s?{}:{year:"numeric"}},timeZone:Ye(r)}).format(i)}function K(r,t){let e=new Intl.DateTimeFormat("en-CA",{year:"numeric",month:"2-digit",day:"2-digit",timeZone:Ye(r)}).format(new Date(t));return Math.round(Date.parse(`${e}T00:00:00Z`)/864e5)}function z(r,t){let e=new Intl.RelativeTimeFormat(P(r),{numeric:"auto"}),i=Math.min(0,(Date.parse(t)-Date.now())/6e4);if(i>-1)return e.format(0,"second");if(Math.abs(i)<60)return e.format(Math.round(i),"minute");let s=K(r,t)-K(r,new Date);return s?Math.abs(s)<60?e.format(s,"day"):e.format(Math.round(s/30),"month"):e.format(Math.round(i/60),"hour")}function ye(r,t){let e=t.slice(0,3);return t.length>3&&e.push(`+${t.length-3}`),new Intl.ListFormat(P(r)).format(e)}var Ue=r=>String(r??"?").padStart(2,"0");function v(r){return r.kind==="episode"&&r.series?`${r.series} S${Ue(r.season)}E${Ue(r.episode)}`:r.kind==="season"&&r.series?`${r.series}, ${r.title}`:r.title}function _e(r,t,e){return e?a(r,"ready"):t<=0?a(r,"today"):t===1?a(r,"tomorrow"):b(r,"in_days",t)}function Ze(r,t){let e=[];return t.episodes.length&&e.push(b(r,"episodes",t.episodes.length)),e.push(t.watched_by.length?a(r,"watched_by",{users:ye(r,t.watched_by)}):a(r,"nobody")),e.join(" · ")}function U(r,t){return t.size_bytes===null?a(r,"size_unknown"):w(r,t.size_bytes)}function C(r){return r.reduce((t,e)=>t+(e.size_bytes??0),0)}var ut=new Set(["keep","favorite","unmatched","unclear","copy"]),ee=class extends E{constructor(){super(...arguments);this.ye=""}static{this.properties={...E.properties,plan:p,household:p,about:p,postponeDays:p,deletable:p,re:p,n:p,e:p}}static{this.styles=[j,_`.item{display:grid;grid-template-columns:56px 1fr;gap:12px;align-items:center}.trace{margin-top:12px}.trace li{display:grid;grid-template-columns:24px 1fr;gap:8px;padding:5px 0}.mark{width:20px;height:20px;border-radius:10px;display:grid;place-items:center;background:var(--line);color:var(--soft);--mdc-icon-size: 14px}.mark.yes{background:var(--ok-quiet);color:var(--ok)}.mark.goes{background:var(--warn-quiet);color:var(--warn)}.change{margin:12px 0}.wait{min-height:180px}`]}beforeDrawing(){this.hass&&this.ye!==this.about.item_id&&(this.ye=this.about.item_id,this.re=void 0,this.z())}async z(){let e=await this.act(this.plan,"explain_item",{item_id:this.about.item_id});e?.verdict&&(this.re=e)}_e(){return this.plan.pending?.find(e=>e.item_id===this.about.item_id)}async q(e,i,s){this.e=!0;let n=await this.act(this.plan,e,i);this.e=!1,n&&(this.n=!1,this.toast(s),this.dispatchEvent(new CustomEvent("changed",{detail:{action:e,...i}})),await this.z())}r(e){let i=v(this.about),s=e?b(this.hass,"toast_postponed",1,{title:i,date:$(this.hass,e)}):b(this.hass,"toast_kept",1,{title:i});this.q("keep_item",{item_id:this.about.item_id,...e?{until:e}:{}},s)}Ne(){this.r(we(this.postponeDays,this._e()?.due_at))}render(){let e=this.hass,i=this._e(),s=this.re,n=[this.about.year&&this.about.kind!=="episode"?String(this.about.year):"",i?.size_bytes?w(e,i.size_bytes):"",s?.item.library??""].filter(Boolean);return d`<div class="item">
<oxicleanarr-poster small .path=${this.about.poster} .household=${this.household}></oxicleanarr-poster>
<div>
<h3>${v(this.about)}</h3>
<p class="soft small">${n.join(" · ")}</p>
</div>
</div>
${s?this.ae(s,i):d`<div class="wait empty" role="status">${a(e,"loading")}</div>`}`}ae(e,i){let{verdict:s}=e,n=this.hass,o=s.outcome==="keep",c=i?.due_at??s.due_at;return d`<div class="note ${o?"ok":"warn"}" role="status">
<strong>${o||!c?a(n,"stays"):a(n,"leaves",{date:$(n,c)})}</strong>
${s.reason}
</div>
${e.trace.length?d`<ol class="trace" aria-label=${a(n,"trace")}>
${e.trace.map(l=>this.Ie(l,s.reason))}
</ol>`:h}
${s.would_change?d`<p class="soft change">${s.would_change}</p>`:h}
${this.Fe(s,i)}`}Ie(e,i){let s=e.matched?e.outcome==="delete"?"goes":"yes":"",n=ut.has(e.type)?`held_${e.type}`:e.matched?"matched":"asked";return d`<li>
<span class="mark ${s}" aria-hidden="true"
><ha-icon icon=${e.matched?"mdi:check":"mdi:minus"}></ha-icon
></span>
<span
>${a(this.hass,n,{rule:e.rule})}
${e.because&&e.because!==i?d`<br /><span class="soft small">${e.because}</span>`:h}</span
>
</li>`}Fe(e,i){let s=this.hass,n=e.reason_code==="kept_by_user";return this.n?$e(s,o=>this.r(o),()=>this.n=!1,this.e):d`<div class="row">
${n?d`<button
class="b fill"
?disabled=${this.e}
@click=${()=>this.q("unkeep_item",{item_id:this.about.item_id},a(s,"toast_unkept",{title:v(this.about)}))}
>
${a(s,"unkeep")}
</button>`:d`<button class="b fill" ?disabled=${this.e} @click=${()=>this.r()}>
${a(s,"keep_for_good")}
</button>`}
<button class="b" ?disabled=${this.e} @click=${()=>this.n=!0}>${a(s,"keep_until")}</button>
${i?d`<button class="b" ?disabled=${this.e} @click=${this.Ne}>
${a(s,"postpone",{days:this.postponeDays})}
</button>`:h}
${i&&this.plan.admin&&te(i)?d`<button
class="b"
?disabled=${this.e}
@click=${()=>this.q("approve_item",{item_ids:[this.about.item_id]},b(s,"toast_approved",1,{title:v(this.about)}))}
>
${a(s,"approve")}
</button>`:h}
${i?.approval==="approved"?d`<button
class="b"
?disabled=${this.e}
@click=${()=>this.q("unapprove_item",{item_ids:[this.about.item_id]},a(s,"toast_unapproved",{title:v(this.about)}))}
>
${a(s,"unapprove")}
</button>`:h}
${i&&this.plan.admin&&this.deletable?d`<button
class="b danger"
@click=${()=>this.dispatchEvent(new CustomEvent("delete",{detail:[i]}))}
>
${a(s,"delete_now")}
</button>`:h}
</div>`}};function te(r){return r.approval==="pending"||r.approval==="waiting"}function Xe(r){return Date.parse(r.due_at)<=Date.now()&&!te(r)}function $e(r,t,e,i=!1){return d`<form class="row" @submit=${n=>{n.preventDefault();let o=new FormData(n.target).get("until");o&&t(new Date(`${String(o)}T23:59:59`).toISOString())}}>
<label
>${a(r,"date")}
<input class="date" type="date" name="until" required min=${Ge(1)} value=${Ge(30)}
/></label>
<button class="b fill" type="submit" ?disabled=${i}>${a(r,"keep")}</button>
<button class="b" type="button" @click=${e}>${a(r,"cancel")}</button>
</form>`}function Ge(r){let t=new Date;return t.setDate(t.getDate()+r),`${t.getFullYear()}-${String(t.getMonth()+1).padStart(2,"0")}-${String(t.getDate()).padStart(2,"0")}`}function we(r,t){let e=Math.max(Date.now(),t?Date.parse(t):0);return new Date(e+r*864e5).toISOString()}var gt=1e3;function mt(r){let t=new Map;for(let e of r){let i=t.get(e.deletion_id??e);i?i.push(e):t.set(e.deletion_id??e,[e])}return[...t.values()]}var ie=class extends y{static{this.properties={...y.properties,W:p,$e:p,n:p,e:p,K:p}}constructor(){super(),this.K=new Map}static getConfigForm(){return T("limit")}static getStubConfig(){return{limit:10}}heard(){this.Y()}async Y(){let t=await this.act(this.plan,"get_deletions",{limit:gt});t&&(this.W=t.deletions)}render(){let t=this.hass,e=mt(this.W??[]),i=this.$e??this.config?.limit??10;return d`<ha-card>
<div class="head"><h2>${this.config?.title||a(t,"log")}</h2></div>
${this.W?this.W.length?d`<ul class="log">
${e.slice(0,i).map(s=>this.je(s))}
</ul>`:d`<div class="empty">
<ha-icon icon="mdi:trash-can-outline"></ha-icon>
<p>${a(t,"log_empty")}</p>
</div>`:d`<div class="empty" role="status">${a(t,this.error?"not_ready":"loading")}</div>`}
${e.length>i?d`<button class="b" @click=${()=>this.$e=i+25}>${a(t,"more")}</button>`:h}
${this.n?this.z(this.n):h}
</ha-card>`}je(t){let e=this.hass,i=t.find(c=>c.outcome!=="deleted")??t[0],s=[z(e,i.finished_at??i.intended_at),t.length>1&&i.series?b(e,"episodes",t.length):"",a(e,"through",{apps:ye(e,[...new Set(t.flatMap(c=>c.deleted_by))])}),t.length>1?w(e,C(t)):U(e,i),i.outcome==="deleted"?"":a(e,`outcome_${i.outcome}`),this.Le(i)].filter(Boolean),n=t.length>1?i.series??i.title:v(i),o=this.K.get(i.deletion_id);return d`<li>
<div>
<p class="name">${n}</p>
<p class="soft small" title=${$(e,i.intended_at,{dateStyle:"long",timeStyle:"short"})}>
${s.join(" · ")}
</p>
<p class="soft small">${i.error??i.reason}</p>
${o?d`<p class="small ok" role="status">${o.map(c=>d`${c}<br />`)}</p>`:h}
</div>
${this.Oe(i,n)}
</li>`}Le(t){return t.recycle_bin?t.recoverable_until?Date.parse(t.recoverable_until)<Date.now()?"":a(this.hass,"recycle_until",{date:$(this.hass,t.recoverable_until)}):a(this.hass,"recycle"):""}Oe(t,e){let i=this.hass;if(!t.bring_back||t.outcome==="failed")return h;if(t.bring_back==="possible")return this.plan?.admin?d`<button
class="b"
?disabled=${this.e}
aria-label=${a(i,"bring_back_title",{title:e})}
@click=${()=>this.n=t}
>
${a(i,"bring_back")}
</button>`:h;let s={under_way:"bring_under_way",done:"bring_done",impossible:"bring_impossible"}[t.bring_back];return d`<span class="small way ${t.bring_back}" title=${t.bring_back_reason??""}>${a(i,s)}</span>`}z(t){let e=this.hass,i=()=>{this.n=void 0};return this.dialog(a(e,"bring_heading",{title:v(t)}),i,d`<p>${a(e,"bring_text")}</p>
<form
@submit=${s=>{s.preventDefault();let n=new FormData(s.target).has("search");i(),this.Be(t,n)}}
>
<label class="row"><input type="checkbox" name="search" checked /> ${a(e,"bring_search")}</label>
<div class="row end">
<button class="b" type="button" @click=${i}>${a(e,"cancel")}</button>
<button class="b fill" type="submit">${a(e,"bring_back")}</button>
</div>
</form>`)}async Be(t,e){this.e=!0;let i=await this.act(this.plan,"bring_back",{deletion_id:t.deletion_id,search:e});if(this.e=!1,!i)return;let s=i.titles.map(n=>[n.added||n.searched?a(this.hass,n.searched?"bring_searched":"bring_added",{title:n.title,server:n.server??""}):`${n.title}:`,n.reason??""].join(" "));this.K=new Map(this.K).set(t.deletion_id,s),await this.Y()}static{this.styles=[...y.styles,_`.log{margin-top:8px}.log li{display:flex;gap:12px;align-items:center;padding:10px 0;border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 300px auto 72px}.log li:first-child{border:0}.log div{flex:1;min-width:0;overflow-wrap:anywhere}.name{font-weight:500}.way{color:var(--soft)}.under_way{color:var(--accent)}.done,.ok{color:var(--ok)}form{margin-top:12px}`]}};var Je=new WeakMap,xe=new IntersectionObserver(r=>{for(let{isIntersecting:t,target:e}of r)t&&(xe.unobserve(e),Je.get(e)?.())},{rootMargin:"150px"}),se=class extends A{static{this.properties={path:p,name:p,household:p,oe:p,we:p}}static{this.styles=[_`:host{display:flex;position:relative;aspect-ratio:2 / 3;border-radius:10px;overflow:hidden;align-items:flex-end;background:linear-gradient(160deg,#33434d,#16202a);color:#fff;contain:strict}span{padding:12px;font-weight:500;font-size:16px;line-height:20px;overflow-wrap:anywhere}:host([small]) span{display:none}:host([small]){border-radius:6px}img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}`]}connectedCallback(){super.connectedCallback(),Je.set(this,()=>this.oe=!0),this.oe||xe.observe(this)}disconnectedCallback(){xe.unobserve(this)}render(){let t=this.household?.poster(this.path)??null;return d`<span aria-hidden="true">${this.name}</span>${this.oe&&t&&this.we!==t?d`<img src=${t} alt="" decoding="async" @error=${()=>this.qe(t)} />`:h}`}qe(t){this.we=t,this.household?.renew()}};var ft=250,ne=class extends y{static{this.properties={...y.properties,l:p,y:p,xe:p,w:p}}static getConfigForm(){return T("postpone_days")}static getStubConfig(){return{}}getCardSize(){return 3}render(){let t=this.hass,e=this.config?.title||a(t,"search");return d`<ha-card>
<label class="find">
<ha-icon icon="mdi:magnify"></ha-icon>
<input
type="search"
maxlength="200"
autocomplete="off"
aria-label=${e}
placeholder=${e}
.value=${this.l??""}
@input=${this.We}
/>
</label>
<div aria-live="polite">${this.ae()}</div>
</ha-card>`}ae(){let t=this.hass;return this.w&&this.plan?d`<button class="b back" @click=${()=>this.w=void 0}>
<ha-icon icon="mdi:arrow-left"></ha-icon>${a(t,"back")}
</button>
<oxicleanarr-why
.hass=${t}
.plan=${this.plan}
.household=${this.household}
.about=${this.w}
.postponeDays=${this.config?.postpone_days??30}
></oxicleanarr-why>`:!this.l?.trim()||!this.y?this.plan||!this.error?h:d`<p class="soft hint">${a(t,"not_ready")}</p>`:this.y.length?d`<ul>
${this.y.map(e=>d`<li>
<button class="hit" @click=${()=>this.w=e}>
<oxicleanarr-poster small .path=${e.poster} .household=${this.household}></oxicleanarr-poster>
<span
>${v(e)} ${e.year&&e.kind!=="episode"?d`<span class="soft">(${e.year})</span>`:h}
<br /><span class="small ${e.due_at?"goes":"soft"}"
>${e.due_at?a(t,"leaves",{date:$(t,e.due_at)}):a(t,"stays")}</span
></span
>
</button>
</li>`)}
</ul>
${this.xe?d`<p class="soft small">${a(t,"more_match")}</p>`:h}`:d`<p class="soft hint">${a(t,"no_match",{query:this.l})}</p>`}We(t){this.l=t.target.value,this.w=void 0,clearTimeout(this.ke),this.ke=setTimeout(()=>{this.Ve(this.l)},ft)}async Ve(t){if(!t.trim()||!this.hass){this.y=void 0;return}try{let e=await this.hass.callWS({type:"oxicleanarr/titles/search",query:t,...this.config?.config_entry_id?{config_entry_id:this.config.config_entry_id}:{}});if(t!==this.l)return;this.y=e.titles,this.xe=e.more}catch(e){this.wrong(e)}}static{this.styles=[...y.styles,_`.find{display:flex;align-items:center;gap:8px;border:1px solid var(--soft);border-radius:28px;padding:4px 14px;color:var(--soft)}.find:focus-within{outline:2px solid var(--accent)}input{flex:1;min-width:0;min-height:40px;border:0;outline:none!important;background:transparent;color:var(--text);font-size:16px}input::placeholder{color:var(--soft);opacity:1}.hint{margin:12px 4px 0}ul{margin-top:8px}.hit{display:grid;grid-template-columns:40px 1fr;gap:12px;align-items:center;width:100%;padding:6px;border-radius:8px}.hit:hover{background:var(--accent-quiet)}.goes{color:var(--warn)}.back{display:flex;gap:4px;align-items:center;margin:8px 0;padding-inline-start:4px;--mdc-icon-size: 18px}:host(:dir(rtl)) .back ha-icon{transform:scaleX(-1)}`]}};var re=class extends y{static{this.properties={...y.properties,Se:p}}static getConfigForm(){return T()}static getStubConfig(){return{}}heard(){this.Y()}async Y(){try{this.Se=await this.hass.callWS({type:"oxicleanarr/statistics",config_entry_id:this.plan.config_entry_id})}catch(t){this.wrong(t)}}render(){let t=this.hass,e=this.Se;return d`<ha-card>
<div class="head"><h2>${this.config?.title||a(t,"stats")}</h2></div>
${e?d`<p class="big">${a(t,"freed_total",{size:w(t,e.reclaimed_bytes)})}</p>
${this.Ke(e)} ${this.Ue(e)} ${this.Ye(e)}`:d`<div class="empty" role="status">${a(t,this.error?"not_ready":"loading")}</div>`}
</ha-card>`}Ke(t){let e=this.hass,i=Math.max(...t.weeks.map(n=>n.bytes));if(!i)return h;let s=n=>$(e,`${n}T12:00:00`,{month:"short",day:"numeric"});return d`<h3>${a(e,"freed_weeks")}</h3>
<ul class="weeks">
${t.weeks.map(n=>{let o=a(e,"week_label",{date:s(n.begins_on),size:w(e,n.bytes)});return d`<li title=${o}>
<span class="hidden">${o}</span
><i class=${n.bytes?"some":""} style="height:${n.bytes?Math.max(4,100*n.bytes/i):2}%"></i>
</li>`})}
</ul>
<div class="ends soft small" aria-hidden="true">
<span>${s(t.weeks[0].begins_on)}</span><span>${w(e,i)}</span
><span>${s(t.weeks.at(-1).begins_on)}</span>
</div>`}Ue(t){let e=this.hass,i=t.libraries.filter(n=>n.watched_share!==null);if(!i.length)return h;let s=new Intl.NumberFormat(P(e),{style:"percent",maximumFractionDigits:0});return d`<h3>${a(e,"watched_share")}</h3>
<ul>
${i.map(n=>{let o=s.format(n.watched_share/100);return d`<li class="share">
<div class="row between"><span>${n.name}</span><span class="soft">${o}</span></div>
<progress
max="100"
.value=${n.watched_share}
aria-label=${a(e,"share_label",{name:n.name,share:o})}
></progress>
</li>`})}
</ul>`}Ye(t){let e=this.hass,i=[t.dry_run?a(e,"next_dry"):a(e,t.automatic_deletion?"next_auto":"next_manual"),[t.due?a(e,"next_due",{count:t.due}):"",t.next_deletion?a(e,"next_date",{date:$(e,t.next_deletion)}):"",t.synced_at?a(e,"last_sync",{when:z(e,t.synced_at)}):""].filter(Boolean).join(" · ")];return d`<h3>${a(e,"next")}</h3>
${i.filter(Boolean).map(s=>d`<p class="soft">${s}</p>`)}`}static{this.styles=[...y.styles,_`.big{font-size:18px;line-height:26px;margin-top:4px}h3{margin:16px 0 6px;font-size:14px;line-height:20px}.weeks{display:flex;gap:3px;align-items:end;height:96px;border-bottom:1px solid var(--line)}.weeks li{flex:1;height:100%;display:flex;align-items:end;position:relative}i{display:block;width:100%;background:var(--line);border-radius:3px 3px 0 0}i.some{background:var(--accent)}.ends,.between{display:flex;justify-content:space-between}.ends{margin-top:4px}.share{margin:6px 0 10px}`]}};var bt=["deletion_blocked","dry_run","automatic_deletion","pending_deletions","leaving_soon","due","reclaimable_space","next_deletion"],ae=class extends HTMLElement{static{this.registryDependencies=["entities"]}static getCreateSuggestions(t){return{title:a(t,"dashboard_name"),icon:"mdi:movie-off-outline"}}static async generate(t,e){let i=Object.values(e.entities).filter(f=>f.platform==="oxicleanarr"&&!f.hidden),s=(f,D)=>i.find(G=>G.translation_key===D&&G.entity_id.startsWith(`${f}.`)),n=t.config_entry_id?{config_entry_id:t.config_entry_id}:{},o={grid_options:{columns:"full"}},c=(f,D={})=>({type:`custom:oxicleanarr-${f}`,...n,...D}),l=f=>({type:"heading",heading:a(e,f)}),u=f=>({type:"tile",entity:f.entity_id,...f.translation_key==="rule"?{}:{name:{type:"entity"}}}),m=bt.map(f=>i.find(D=>D.translation_key===f)).filter(f=>f!==void 0&&!f.entity_id.startsWith("switch.")),g=["dry_run","automatic_deletion"].flatMap(f=>s("switch",f)??[]),x=i.filter(f=>f.entity_id.startsWith("switch.")&&!g.includes(f)&&f.translation_key==="rule"),k=s("calendar","deletions"),N=i.filter(f=>f.entity_id.startsWith("todo.")),Z=(f,D,G,Ae,...st)=>({title:f,path:D,icon:G,type:"sections",max_columns:Ae,sections:st.filter(oe=>oe.length).map((oe,nt)=>({type:"grid",cards:oe,...nt===0&&Ae===3?{column_span:2}:{}}))});return{views:[Z(a(e,"view_overview"),"leaving-soon","mdi:movie-off-outline",3,[c("search",o),c("leaving-soon",o)],[...m.length?[l("status"),...m.map(u)]:[],...g.length?[l("switches"),...g.map(u)]:[]]),Z(a(e,"view_plan"),"calendar","mdi:calendar-month",2,k?[{type:"calendar",entities:[k.entity_id],initial_view:"listWeek",...o}]:[],N.map(f=>({type:"todo-list",entity:f.entity_id,hide_create:!0,...o}))),Z(a(e,"view_history"),"history","mdi:trash-can-outline",2,[c("log",{limit:15,...o})],[c("stats",o)]),Z(a(e,"view_rules"),"rules","mdi:clipboard-list-outline",2,[l("rules"),...x.length?x.map(u):[{type:"markdown",content:a(e,"no_rules"),...o}]])]}}};var vt={grid:"mdi:view-grid",list:"mdi:view-list",timeline:"mdi:calendar-week"},Qe=14,yt=500,Y=class extends y{constructor(){super();this.S=!1;this.Ae=new Map;this.s=new Set,this.i=new Map}static{this.properties={...y.properties,le:p,d:p,a:p,t:p,s:p,i:p,c:p,g:p,x:p,Z:p,e:p}}static getConfigForm(){return T("view","days","postpone_days")}static getStubConfig(){return{view:"grid",days:14}}get o(){return this.config?.days??Qe}get G(){return this.config?.postpone_days??30}beforeDrawing(e){if(super.beforeDrawing(e),e.has("plan")&&this.plan){let{synced_at:i,pending:s}=this.plan,n=[...this.i].filter(([,l])=>l.synced_at===i);n.length!==this.i.size&&(this.i=new Map(n)),s?.forEach((l,u)=>this.Ae.set(l.item_id,u));let o=new Set(s?.map(l=>l.item_id)),c=[...this.s].filter(l=>o.has(l));c.length!==this.s.size&&(this.s=new Set(c))}}m(e){return Math.max(0,K(this.hass,e.due_at)-K(this.hass,new Date))}Ze(e){let i=e.pending??[],s=new Set(i.map(l=>l.item_id)),n=[...i],o=[...this.i.values()].filter(l=>!s.has(l.title.item_id)),c=l=>this.Ae.get(l.title.item_id)??0;for(let l of o.sort((u,m)=>c(u)-c(m)))n.splice(c(l),0,l.title);return n}render(){let{plan:e,hass:i}=this;return d`<ha-card>
<div class="head">
<h2>${this.config?.title||a(i,"leaving_soon")}</h2>
${e?.dry_run?d`<span class="chip warn">${a(i,"dry_run")}</span>`:h}
${e?.counts?.awaiting_approval?d`<span class="chip">${b(i,"awaiting",e.counts.awaiting_approval)}</span>`:h}
${e?.pending?.length?this.Ge():h}
</div>
${e?this.Xe(e):this.Je()}
</ha-card>`}Je(){let e=this.hass;return this.error==="not_found"?d`<div class="empty" role="status">
<ha-icon icon="mdi:timer-sand"></ha-icon>
<p>${a(e,"not_ready")}</p>
${this.config?.config_entry_id?h:d`<p class="small">${a(e,"several")}</p>`}
</div>`:d`<p class="sum hidden" role="status">${a(e,"loading")}</p>
<ul class="wall" aria-hidden="true">
${Array.from({length:6},()=>d`<li class="tile bone"><div></div></li>`)}
</ul>`}Xe(e){let i=this.hass,s=this.Ze(e),n=this.o&&!this.d?s.filter(l=>this.m(l)<this.o):s,o=this.a===void 0?n:n.filter(l=>this.m(l)===this.a),c=s.length-n.length;return d`${this.Qe(e)} ${this.et(e)}
${s.length?d`${n.length?d`<p class="sum soft">${this.tt(e,n)}</p>`:h}
${n.length?this.it(n):h}
${o.length?this.st(o):d`<div class="empty" role="status">
${a(i,this.a===void 0?"nothing_soon":"nothing_that_day",{days:this.o})}
</div>`}
${this.a===void 0&&(c||this.d&&this.o)?d`<button class="b more" @click=${()=>this.d=!this.d}>
${this.d?a(i,"fewer"):b(i,"later",c)}
</button>`:h}`:d`<div class="empty" role="status">
<ha-icon icon=${e.pending?"mdi:movie-check-outline":"mdi:movie-search-outline"}></ha-icon>
${e.pending?d`<p>${a(i,"nothing")}</p>
<p class="small">${a(i,"nothing_hint")}</p>`:d`<p>${a(i,"first_sync")}</p>`}
</div>`}
${this.t?this.nt(e,s):h} ${this.rt(e)}`}tt(e,i){let s=this.hass,n=i.filter(u=>!this.i.has(u.item_id));if(!n.length)return a(s,"nothing_soon",{days:this.o});let o=this.d||!this.o,c=o&&!this.i.size?e.reclaimable_bytes??C(n):C(n),l=this.m(n[0]);return[b(s,o?"summary_all":"summary",n.length,{size:w(s,c),days:this.o}),l<1?a(s,"first_today"):l<2?a(s,"first_tomorrow"):a(s,"first_days",{days:l})].join(" ")}Qe(e){let i=e.progress;if(!i)return h;let s=this.hass,n=i.title?a(s,"work_title",{title:i.title}):a(s,`work_${i.work}`),o=i.total?a(s,"progress",{done:i.done,total:i.total}):"";return d`<div class="note" role="status">
<div class="row"><span class="grow">${n}</span><span>${o}</span></div>
<progress
aria-label=${n}
max=${i.total??1}
.value=${i.total?i.done:0}
></progress>
</div>`}et(e){if(!e.blocked_by.length)return h;let i=this.hass;return d`<div class="note warn" role="status">
<strong>${a(i,"blocked")}</strong>
${e.blocked_by.map(s=>d`<p>${s.reason}</p>`)}
<p>
${e.synced_at&&e.pending?a(i,"plan_of",{when:z(i,e.synced_at)}):h}
${e.admin?d`<a href="/config/repairs" @click=${this.ot}>${a(i,"open_repairs")}</a>`:h}
</p>
</div>`}ot(e){e.ctrlKey||e.metaKey||e.shiftKey||(e.preventDefault(),history.pushState(null,"",e.currentTarget.getAttribute("href")),window.dispatchEvent(new CustomEvent("location-changed",{detail:{replace:!1}})))}Ge(){let e=this.hass,i=this.le??this.config?.view??"grid";return d`<div class="tools" role="group" aria-label=${a(e,"view")}>
${Q.map(s=>d`<button
class="tool"
aria-pressed=${i===s}
aria-label=${a(e,`view_${s}`)}
title=${a(e,`view_${s}`)}
@click=${()=>this.le=s}
>
<ha-icon icon=${vt[s]}></ha-icon>
</button>`)}
</div>
<button
class="b"
aria-pressed=${!!this.t}
@click=${()=>{this.t=!this.t,this.s=new Set}}
>
${a(e,this.t?"done":"select")}
</button>`}it(e){let i=this.hass,s=new Map;for(let n of e){let o=this.m(n);this.i.has(n.item_id)||s.set(o,(s.get(o)??0)+1)}return d`<div class="days" role="group" aria-label=${a(i,"days_strip")}>
${Array.from({length:Qe},(n,o)=>{let c=new Date(Date.now()+o*864e5),l=s.get(o)??0;return d`<button
class="day ${l?o<2?"now":"has":""}"
?disabled=${!l&&this.a!==o}
aria-pressed=${this.a===o}
@click=${()=>this.a=this.a===o?void 0:o}
>
${$(i,c,{weekday:"short"})} <b>${$(i,c,{day:"numeric"})}</b> ${l?d`${l} <span class="hidden">${b(i,"titles",l)}</span>`:"·"}
</button>`})}
</div>`}st(e){let i=this.le??this.config?.view??"grid";if(i!=="timeline")return this.Pe(e,i);let s=new Map;for(let o of e){let c=this.m(o);s.set(c,[...s.get(c)??[],o])}let n=this.hass;return d`${[...s].map(([o,c])=>{let l=$(n,new Date(Date.now()+o*864e5),{weekday:"long",month:"long",day:"numeric"});return d`<section>
<h3>${o<2?`${_e(n,o,!1)}, ${l}`:l}</h3>
<p class="soft small">${b(n,"day_titles",c.length)} · ${w(n,C(c))}</p>
${this.Pe(c,"grid")}
</section>`})}`}Pe(e,i){return d`<ul class="wall ${i}">
${e.map(s=>this.lt(s,i))}
</ul>`}lt(e,i){let s=this.hass,n=this.i.get(e.item_id),o=this.m(e),c=Date.parse(e.due_at)<=Date.now(),l=v(e),u=n?a(s,"kept"):_e(s,o,c),m=this.s.has(e.item_id),g=this.t?a(s,"select_title",{title:l,when:u}):a(s,"explain_title",{title:l,when:u});return d`<li class="tile ${n?"kept":""} ${m?"sel":""}">
<button
class="face"
aria-label=${g}
aria-pressed=${this.t?String(m):h}
@click=${()=>this.dt(e)}
@pointerdown=${()=>this.ct(e)}
@pointerup=${this.ce}
@pointerleave=${this.ce}
@pointercancel=${this.ce}
@contextmenu=${x=>this.S&&x.preventDefault()}
>
<oxicleanarr-poster
?small=${i==="list"}
.path=${e.poster}
.name=${l}
.household=${this.household}
></oxicleanarr-poster>
<span class="badge ${n?"":o<2?"now":o<4?"soon":""}">${u}</span>
${this.t?d`<span class="check"
><ha-icon icon=${m?"mdi:check-circle":"mdi:checkbox-blank-circle-outline"}></ha-icon
></span>`:h}
</button>
<div class="words">
<p class="name" title=${l}>${l}</p>
<p class="why">
${n?n.until?a(s,"kept_until",{date:$(s,n.until)}):a(s,"kept"):Ze(s,e)}
</p>
<p class="why">
${e.watched&&e.last_watched_at?`${z(s,e.last_watched_at)} · `:""}${U(s,e)}${this.ht(e)}${e.rule_type==="standard"?"":` · ${e.rule}`}
</p>
</div>
${this.t?h:d`<button
class="keep"
aria-label=${a(s,n?"unkeep_title":"keep_title",{title:l})}
aria-pressed=${!!n}
@click=${()=>n?this.pt(e):this.r([e])}
>
<ha-icon icon=${n?"mdi:bookmark":"mdi:bookmark-outline"}></ha-icon>
</button>`}
</li>`}ht(e){if(!e.approval)return h;let i={pending:"awaiting",waiting:"waits",approved:"approved"}[e.approval];return d` · <span class=${e.approval}>${a(this.hass,i)}</span>`}ct(e){this.S=!1,clearTimeout(this.de),!this.t&&(this.de=setTimeout(()=>{this.S=!0,this.t=!0,this.Te(e)},yt))}ce(){clearTimeout(this.de)}dt(e){this.S?this.S=!1:this.t?this.Te(e):this.c=e}Te(e){let i=new Set(this.s);i.delete(e.item_id)||i.add(e.item_id),this.s=i}Ce(e,i){let s=new Map(this.i);for(let n of e)s.set(n.item_id,{title:n,until:i,synced_at:this.plan.synced_at});this.i=s}De(e){let i=new Map(this.i);i.delete(e),this.i=i}async r(e,i,s=0){let n=this.plan;this.e=!0;let o=[];for(let u of e){let m=i?.(u);if(!await this.act(n,"keep_item",{item_id:u.item_id,...m?{until:m}:{}}))break;this.Ce([u],m??null),o.push(u)}if(this.e=!1,o.length!==e.length)return;this.he();let c=v(o[0]),l=this.hass;this.toast(i?b(l,"toast_postponed",o.length,{title:c,days:s,date:$(l,i(o[0]))}):b(l,"toast_kept",o.length,{title:c}))}async pt(e){await this.act(this.plan,"unkeep_item",{item_id:e.item_id})&&(this.De(e.item_id),this.toast(a(this.hass,"toast_unkept",{title:v(e)})))}async ut(e){this.e=!0;let i=await this.act(this.plan,"approve_item",{item_ids:e.map(s=>s.item_id)});this.e=!1,i&&(this.he(),this.toast(b(this.hass,"toast_approved",e.length,{title:v(e[0])})))}async gt(e){this.e=!0;let i=await this.act(this.plan,"delete_media",{item_ids:e.map(s=>s.item_id)});this.e=!1,this.g=void 0,i&&(this.he(),this.Z=i)}he(){this.t=!1,this.s=new Set}nt(e,i){let s=this.hass,n=i.filter(l=>this.s.has(l.item_id)),o=n.filter(te),c=!n.length||this.e;return d`<div class="bar" role="toolbar" aria-label=${a(s,"select")}>
<b aria-live="polite">${b(s,"selected",n.length)} · ${w(s,C(n))}</b>
<button class="b fill" ?disabled=${c} @click=${()=>this.r(n)}>${a(s,"keep")}</button>
<button class="b" ?disabled=${c} @click=${()=>this.x=n}>${a(s,"keep_until")}</button>
<button
class="b"
?disabled=${c}
@click=${()=>this.r(n,l=>we(this.G,l.due_at),this.G)}
>
${a(s,"postpone",{days:this.G})}
</button>
${e.admin&&o.length?d`<button class="b" ?disabled=${c} @click=${()=>this.ut(o)}>
${a(s,"approve")}
</button>`:h}
${e.admin?d`<button class="b danger" ?disabled=${c} @click=${()=>this.g=n}>
${a(s,"delete_now")}
</button>`:h}
</div>`}rt(e){return this.g?this.mt(e,this.g):this.Z?this.ft(this.Z):this.x?this.bt(this.x):this.c?this.vt(e,this.c):h}vt(e,i){return this.dialog(a(this.hass,"why"),()=>this.c=void 0,d`<oxicleanarr-why
.deletable=${!0}
.hass=${this.hass}
.plan=${e}
.household=${this.household}
.about=${i}
.postponeDays=${this.G}
@changed=${s=>{s.detail.action==="keep_item"&&this.Ce([i],s.detail.until??null),s.detail.action==="unkeep_item"&&this.De(i.item_id)}}
@delete=${s=>{this.c=void 0,this.g=s.detail}}
></oxicleanarr-why>
${this.Re()}`)}Re(){return d`<div class="row end">
<button class="b" @click=${this.f}>${a(this.hass,"close")}</button>
</div>`}f(){this.c=this.g=this.x=this.Z=void 0}bt(e){return this.dialog(b(this.hass,"keep_until_heading",e.length,{title:v(e[0])}),this.f,$e(this.hass,i=>{this.x=void 0,this.r(e,()=>i)},()=>this.f()))}mt(e,i){let s=this.hass,n=i.filter(Xe),o=i.length-n.length,c=n.length?e.dry_run?"delete_dry":"delete_text":"delete_none";return this.dialog(b(s,"delete_heading",i.length,{title:v(i[0])}),this.f,d`<ul class="plain">
${i.map(l=>d`<li>${v(l)} <span class="soft">· ${U(s,l)}</span></li>`)}
</ul>
<p>${a(s,c,{size:w(s,C(n))})}</p>
${n.length&&o?d`<p>${b(s,"delete_early",o)}</p>`:h}
<div class="row end">
<button class="b" @click=${this.f}>${a(s,"cancel")}</button>
<button class="b fill danger" ?disabled=${!n.length||this.e} @click=${()=>this.gt(n)}>
${a(s,e.dry_run?"try":"delete")}
</button>
</div>`)}ft(e){let i=this.hass,s=(n,o,c)=>o.length?d`<h3>${a(i,n)}</h3>
<ul class="plain">
${o.map(l=>d`<li>${v(l)}<br /><span class="soft small">${c(l)}</span></li>`)}
</ul>`:h;return this.dialog(a(i,"result"),this.f,d`<p>
${e.deleted.length?b(i,"result_deleted",e.deleted.length,{size:w(i,e.reclaimed_bytes)}):a(i,"result_nothing")}
</p>
${s("result_skipped",e.skipped,n=>n.reason)}
${s("result_failed",e.failed,n=>n.error)} ${this.Re()}`)}static{this.styles=[...y.styles,_`.sum{margin:4px 0 12px}.grow{flex:1}.note{margin-bottom:4px}.tools{display:flex;border-radius:20px;background:var(--accent-quiet)}.tool{width:40px;height:40px;border-radius:20px;color:var(--accent);display:grid;place-items:center;--mdc-icon-size: 20px}.tool[aria-pressed=true]{background:var(--loud);color:var(--on-loud)}.days{display:grid;grid-template-columns:repeat(14,1fr);gap:4px;margin:0 0 14px}.day{border-radius:8px;text-align:center;padding:6px 0 5px;color:var(--soft);font-size:11px;line-height:14px;min-height:44px}.day b{display:block;color:var(--text);font-size:13px;font-weight:500}.day[disabled]{cursor:default}.day.has,.day.has b{background:var(--accent-quiet);color:var(--accent)}.day.now,.day.now b{background:var(--danger-quiet);color:var(--danger)}.day[aria-pressed=true]{outline:2px solid currentColor}section{margin-top:16px}section p{margin-bottom:8px}.wall{display:grid;grid-template-columns:repeat(auto-fill,minmax(132px,1fr));gap:16px 12px}.wall.list{grid-template-columns:1fr;gap:8px}.tile{position:relative;min-width:0;content-visibility:auto;contain-intrinsic-size:auto 150px auto 290px}.list .tile{display:grid;grid-template-columns:48px 1fr auto;gap:12px;align-items:center;contain-intrinsic-size:auto 300px auto 72px}.bone div{aspect-ratio:2/3;margin-bottom:64px;border-radius:10px;background:var(--line)}.face{display:block;width:100%;border-radius:10px;position:relative;touch-action:pan-y;user-select:none;-webkit-touch-callout:none}.list .face{position:static}.list .face:after{content:"";position:absolute;inset:0}:is(.badge,.keep,.check){position:absolute;z-index:1;background:#101418d1;color:#fff}.badge{inset-inline-start:8px;top:8px;border-radius:8px;padding:3px 8px;font-size:12px;line-height:16px;font-weight:500}.badge.now{background:#b3261e}.badge.soon{background:#8a5a00}.list .badge{position:absolute;inset-inline:auto 56px;top:50%;transform:translateY(-50%)}.keep,.check{inset-inline-end:6px;top:6px;width:40px;height:40px;border-radius:20px;display:grid;place-items:center;--mdc-icon-size: 20px}.list .keep,.list .check{position:relative;inset:auto;background:transparent;color:var(--text)}.list .check{position:absolute;inset-inline-end:0;top:50%;transform:translateY(-50%)}.list .words{padding-inline-end:96px}.name{font-weight:500;margin:8px 0 0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.list .name{margin:0}.why{overflow-wrap:anywhere;color:var(--soft);font-size:12px;line-height:16px}.pending,.waiting{color:var(--warn)}.approved{color:var(--ok)}.face:focus-visible{outline:0}.face:focus-visible:after,.sel .face:after{content:"";position:absolute;inset:0;border-radius:10px;box-shadow:inset 0 0 0 3px var(--accent),inset 0 0 0 5px var(--card-background-color, #fff)}.tile.kept oxicleanarr-poster{filter:grayscale(.9) brightness(.6)}.tile.kept .why{color:var(--ok)}.more{display:block;margin:12px auto 0}.bar{position:sticky;bottom:max(8px,env(safe-area-inset-bottom));z-index:2;display:flex;flex-wrap:wrap;gap:4px;align-items:center;background:var(--accent-quiet);color:var(--accent);border-radius:12px;padding:8px 12px;margin-top:14px;box-shadow:var(--ha-box-shadow-m, 0 2px 8px rgba(0, 0, 0, .25))}.bar b{flex:1;font-weight:500;min-width:140px}.plain{margin:8px 0 12px}.plain li{padding:2px 0}@container (max-width: 480px){.days{grid-template-columns:repeat(7,1fr)}.day:nth-child(n+8){display:none}.wall:not(.list){grid-template-columns:repeat(2,minmax(0,1fr))}}@media(prefers-reduced-motion:no-preference){.b,.day{transition:background-color .15s}}`]}};function et(r,t){let e=r.entities[t];return e?.platform==="oxicleanarr"&&["leaving_soon","pending_deletions","due","deletions","reclaimable_space"].includes(e.translation_key??"")}var ke="https://unpublished.invalid/oxicleanarr-home-assistant/blob/main/docs/card.md",tt=window,_t=[["oxicleanarr-dialog",J],["oxicleanarr-poster",se],["oxicleanarr-why",ee],["oxicleanarr-leaving-soon",Y],["oxicleanarr-search",ne],["oxicleanarr-log",ie],["oxicleanarr-stats",re],["ll-strategy-dashboard-oxicleanarr",ae]];for(let[r,t]of _t)customElements.get(r)||customElements.define(r,t);function Se(r,t){r.some(e=>e.type===t.type)||r.push(t)}var it=tt.customCards??=[];Se(it,{type:"oxicleanarr-leaving-soon",name:`OxiCleanarr: ${a(void 0,"leaving_soon")}`,description:a(void 0,"wall_description"),preview:!0,documentationURL:ke,getEntitySuggestion:(r,t)=>et(r,t)?{config:{type:"custom:oxicleanarr-leaving-soon",...Y.getStubConfig()}}:null});for(let[r,t,e]of[["search","search_name","search_description"],["log","log","log_description"],["stats","stats_name","stats_description"]])Se(it,{type:`oxicleanarr-${r}`,name:`OxiCleanarr: ${a(void 0,t)}`,description:a(void 0,e),preview:!0,documentationURL:ke});Se(tt.customStrategies??=[],{type:"oxicleanarr",strategyType:"dashboard",name:a(void 0,"dashboard_name"),description:a(void 0,"dashboard_description"),documentationURL:ke});
