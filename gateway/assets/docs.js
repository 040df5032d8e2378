// Reads /api/v1/openapi.json and shows it; asks nobody but this origin.
"use strict";

const WORDS = {
  zh: {
    filter: "筛选接口", language: "English", errors: "错误代码", parameters: "参数", body: "请求内容",
    answer: "返回内容", refusals: "可能的错误", permission: "权限", public: "公开", staff: "员工登录",
    holder: "预约链接或员工", optional: "公开，可登录", try: "试一试", send: "发送",
  },
  en: {
    filter: "Filter", language: "中文", errors: "Error codes", parameters: "Parameters", body: "Body",
    answer: "Answer", refusals: "Refusals", permission: "permission", public: "public", staff: "staff",
    holder: "private link or staff", optional: "public, staff welcome", try: "Try it", send: "Send",
  },
};
const DEPTH = 6; // of nested shapes; deeper ones are recursive or unreadable

let language = (localStorage.getItem("docs.language") ?? navigator.language).startsWith("zh") ? "zh" : "en";
let spec = null;

const words = () => WORDS[language];
const pick = (text) => text?.[language] || text?.zh || "";

/** Make an element; text always enters as text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function resolve(node) {
  if (!node?.$ref) return node ?? {};
  return node.$ref.slice(2).split("/").reduce((found, key) => found[key], spec);
}

function variants(schema) {
  const either = schema.anyOf ?? schema.oneOf;
  return either ? either.map(resolve).find((one) => one.type !== "null") ?? {} : schema;
}

function typeOf(node) {
  const schema = variants(resolve(node));
  const types = [schema.type ?? "any"].flat().join(" | ");
  if (schema.items) return `${typeOf(schema.items)}[]`;
  const notes = [schema.format, schema.enum && schema.enum.map((one) => JSON.stringify(one)).join(" | ")];
  return [types, ...notes.filter(Boolean)].join(" · ");
}

function shape(node, depth = 0) {
  let schema = variants(resolve(node));
  while (schema.items) schema = variants(resolve(schema.items));
  if (!schema.properties || depth >= DEPTH) return null;
  const list = make("ul", { class: "shape" });
  for (const [name, inner] of Object.entries(schema.properties)) {
    const required = schema.required?.includes(name) ? "required" : "";
    list.append(make("li", {}, make("b", { class: required }, name), " ", make("i", {}, typeOf(inner)), shape(inner, depth + 1)));
  }
  return list;
}

function section(title, content) {
  return content ? [make("h3", {}, title), content] : [];
}

function admission(operation) {
  const ways = operation.security ?? [];
  if (!ways.length) return words().public;
  if (ways.some((way) => !Object.keys(way).length)) return words().optional;
  return ways.some((way) => way.manage_token) ? words().holder : words().staff;
}

function parameterList(parameters) {
  if (!parameters.length) return null;
  const list = make("ul", { class: "shape" });
  for (const parameter of parameters) {
    const about = `${parameter.in} · ${typeOf(parameter.schema)}`;
    const note = parameter.description ? ` — ${parameter.description}` : "";
    list.append(make("li", {}, make("b", { class: parameter.required ? "required" : "" }, parameter.name), " ", make("i", {}, about + note)));
  }
  return list;
}

function refusals(operation) {
  const box = make("div");
  for (const [status, response] of Object.entries(operation.responses)) {
    for (const code of response["x-codes"] ?? []) {
      box.append(make("a", { class: "chip", href: `/docs/errors#${code}` }, `${status} ${code}`));
    }
  }
  return box.childElementCount ? box : null;
}

async function send(path, parameters, form, output) {
  const query = new URLSearchParams();
  let url = path;
  for (const parameter of parameters) {
    const value = form.elements[parameter.name]?.value ?? "";
    if (value === "") continue;
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
    if (parameter.in === "query") query.append(parameter.name, value);
  }
  const address = query.size ? `${url}?${query}` : url;
  const answer = await fetch(address, { headers: { "Accept-Language": language } });
  const text = await answer.text();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // not JSON: shown as it came
  }
  output.textContent = `GET ${address}\n${answer.status} ${answer.statusText}\n\n${shown}`;
  output.hidden = false;
}

function tryIt(method, path, operation, parameters) {
  const streams = Object.values(operation.responses).some((one) => one.content?.["text/event-stream"]);
  if (method !== "get" || streams) return null;
  const asked = parameters.filter((one) => one.in === "path" || one.in === "query");
  const output = make("pre");
  output.hidden = true;
  const form = make("form", { class: "try" });
  for (const one of asked) {
    const id = `${operation.operationId}-${one.name}`;
    form.append(make("label", { for: id }, one.name), make("input", { id, name: one.name }));
  }
  form.append(make("span"), make("button", {}, words().send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(path, asked, form, output).catch((error) => {
      output.textContent = String(error);
      output.hidden = false;
    });
  });
  return make("details", {}, make("summary", {}, words().try), form, output);
}

function article(path, method, operation) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const success = Object.entries(operation.responses).find(([status]) => status < "300")?.[1];
  const content = (one) => Object.values(resolve(one)?.content ?? {})[0]?.schema;
  const permission = operation["x-permission"];
  return make(
    "article",
    { id: operation.operationId },
    make("h2", {}, pick(operation["x-summary"])),
    make("p", { class: "path" }, make("span", { class: `method ${method}` }, method), " ", path),
    make("span", { class: "chip" }, admission(operation)),
    permission ? make("span", { class: "chip" }, `${words().permission} ${permission}`) : null,
    ...section(words().parameters, parameterList(parameters)),
    ...section(words().body, operation.requestBody ? shape(content(operation.requestBody)) : null),
    ...section(words().answer, shape(content(success))),
    ...section(words().refusals, refusals(operation)),
    tryIt(method, path, operation, parameters),
  );
}

function render() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.getElementById("language").textContent = words().language;
  document.getElementById("errors").textContent = words().errors;
  const filter = document.getElementById("filter");
  filter.placeholder = words().filter;
  const wanted = filter.value.trim().toLowerCase();
  const index = document.getElementById("index");
  const operations = document.getElementById("operations");
  index.replaceChildren();
  operations.replaceChildren();
  for (const tag of spec.tags) {
    const links = [];
    for (const [path, methods] of Object.entries(spec.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const title = pick(operation["x-summary"]);
        if (!operation.tags?.includes(tag.name)) continue;
        if (wanted && !`${path} ${method} ${title}`.toLowerCase().includes(wanted)) continue;
        links.push(make("a", { href: `#${operation.operationId}` }, make("span", { class: `method ${method}` }, method), title));
        operations.append(article(path, method, operation));
      }
    }
    if (links.length) index.append(make("h2", {}, pick(tag["x-title"])), ...links);
  }
}

async function start() {
  spec = await (await fetch("/api/v1/openapi.json")).json();
  document.getElementById("filter").addEventListener("input", render);
  document.getElementById("language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    localStorage.setItem("docs.language", language);
    render();
  });
  render();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

start();
