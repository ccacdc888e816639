#include "server/api/openapi.hpp"

namespace syncline::server::api {

std::string_view docs_page() {
  return R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Syncline API</title>
<link rel="stylesheet" href="/api/docs/docs.css">
</head>
<body>
<header><h1>Syncline API</h1><p id="about"></p>
<label>Filter <input id="filter" type="search" placeholder="leads, dashboard, POST"></label>
<p>The same as data: <a href="/api/openapi.json">openapi.json</a></p></header>
<main id="list" aria-live="polite"><p>Loading</p></main>
<script src="/api/docs/docs.js"></script>
</body>
</html>
)html";
}

std::string_view docs_script() {
  return R"js(const list = document.getElementById('list');
const filter = document.getElementById('filter');
const make = (tag, text, className) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};
const resolve = (api, node) =>
  node && node.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], api) : node;

function block(title, value) {
  const box = make('details');
  box.append(make('summary', title), make('pre', JSON.stringify(value, null, 2)));
  return box;
}

function operation(api, path, method, spec) {
  const box = make('details', undefined, 'operation');
  const head = make('summary');
  head.append(make('b', method.toUpperCase(), method), make('code', path), make('span', spec.summary));
  box.append(head);
  if (spec.description) box.append(make('p', spec.description));
  for (const each of spec.parameters ?? []) {
    const parameter = resolve(api, each);
    box.append(make('p', `${parameter.name} (${parameter.in}): ${parameter.description ?? ''}`));
  }
  const body = resolve(api, spec.requestBody)?.content?.['application/json']?.schema;
  if (body) box.append(block('Body', resolve(api, body)));
  for (const [status, each] of Object.entries(spec.responses)) {
    const response = resolve(api, each);
    const content = Object.values(response.content ?? {})[0];
    const title = `${status} ${response.description}`;
    box.append(content ? block(title, resolve(api, content.schema)) : make('p', title));
  }
  return box;
}

function show(api) {
  document.getElementById('about').textContent = api.info.description;
  const wanted = filter.value.trim().toLowerCase();
  list.replaceChildren();
  for (const tag of api.tags) {
    const section = make('section');
    section.append(make('h2', tag.name));
    let count = 0;
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, spec] of Object.entries(methods)) {
        if (!spec.tags || !spec.tags.includes(tag.name)) continue;
        if (!`${method} ${path} ${spec.summary}`.toLowerCase().includes(wanted)) continue;
        section.append(operation(api, path, method, spec));
        count += 1;
      }
    }
    if (count > 0) list.append(section);
  }
}

fetch('/api/openapi.json')
  .then((answer) => answer.json())
  .then((api) => {
    filter.addEventListener('input', () => show(api));
    show(api);
  })
  .catch(() => list.replaceChildren(make('p', 'The description could not be loaded. Reload the page to try again.')));
)js";
}

std::string_view docs_style() {
  return R"css(:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 960px; margin: 24px auto; padding: 0 16px; }
summary { cursor: pointer; padding: 4px 0; }
summary code, summary span { margin-left: 12px; }
summary b { display: inline-block; min-width: 64px; }
.operation { border-top: 1px solid #8884; }
.operation > :not(summary) { margin-left: 24px; }
pre { overflow: auto; max-height: 480px; padding: 12px; background: #8881; }
input { font: inherit; padding: 4px 8px; width: 320px; max-width: 100%; }
.get { color: #0a7d33; } .post { color: #1a5fd0; } .patch, .put { color: #a65b00; } .delete { color: #c02626; }
)css";
}

}  // namespace syncline::server::api
