// Building DOM nodes. Data only ever becomes a text node or an attribute, never markup.

/**
 * el("button", { class: "primary", onclick: press, "aria-label": "Send" }, icon("send"), "Send")
 * Properties that are null, undefined or false are left out; `style` is an object of CSS properties, `dataset` of data-*.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children strings, nodes, arrays of them; null and false are skipped
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...flatten(children));
  return node;
}

/** @param {HTMLElement} node @param {string} name @param {any} value */
function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name === "style") for (const [key, css] of Object.entries(value)) node.style.setProperty(key, css);
  else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** @param {any[]} children @returns {(Node | string)[]} */
function flatten(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** An element id that nothing else on the page has. */
export function freshId(prefix) {
  freshId.count = (freshId.count ?? 0) + 1;
  return `${prefix}-${freshId.count}`;
}
