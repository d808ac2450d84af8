/** A page that reads `/openapi.json` and lists the operations; no script from elsewhere. */
export function docsPage(service: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Bascule ${service}</title>
<style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
details{border-bottom:1px solid #8884;padding:.4rem 0}summary{cursor:pointer}code,pre{font:.9em ui-monospace,monospace}
pre{overflow:auto;background:#8882;padding:.75rem;border-radius:.4rem}.verb{display:inline-block;min-width:4.5em;font-weight:600}
</style></head><body><main><h1>Bascule ${service}</h1>
<p>Machine-readable: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). Send <code>Authorization: Bearer KEY</code>.</p>
<div id="operations">Loading…</div></main>
<script>
const element=(tag,text,parent)=>{const e=document.createElement(tag);if(text)e.textContent=text;parent.append(e);return e};
fetch('/openapi.json').then(r=>r.json()).then(api=>{
  const root=document.getElementById('operations');root.textContent='';
  for(const [path,verbs] of Object.entries(api.paths))for(const [verb,operation] of Object.entries(verbs)){
    const entry=element('details','',root),head=element('summary','',entry);
    element('span',verb.toUpperCase()+' ',head).className='verb';element('code',path,head);element('span',' '+(operation.summary||''),head);
    if(operation.description)element('p',operation.description,entry);
    element('pre',JSON.stringify({parameters:operation.parameters,requestBody:operation.requestBody,responses:operation.responses},null,2),entry);
  }
}).catch(error=>{document.getElementById('operations').textContent=String(error)});
</script></body></html>`;
}
