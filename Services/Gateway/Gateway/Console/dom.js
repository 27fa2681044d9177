// Builds elements. Text only ever becomes a text node, so nothing that anyone wrote can become markup.
const svgNames = new Set(['svg', 'path', 'circle', 'line', 'rect', 'g', 'text', 'title']);

export function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  if (classes.length) element.setAttribute('class', classes.join(' '));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key !== 'value') element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  // Only now has a select the options that its value names. A field goes back to this value when its form is sent.
  const value = attributes?.value;
  if (value !== undefined && value !== null) {
    if ('defaultValue' in element) element.defaultValue = value;
    else if (name === 'option') element.setAttribute('value', value);
    else element.value = value;
  }
  return element;
}

export function tag(text, tone = '') { return h(tone ? `span.tag.${tone}` : 'span.tag', null, text); }

export function empty(...what) { return h('p.empty', null, ...what); }

export function figure(value, ...says) { return h('div.num', null, String(value), h('small', null, ...says)); }

// A form whose fields become one object; empty fields are left out.
export function form(label, fields, send) {
  const button = h('button.go', { type: 'submit' }, label);
  const element = h('form.stack', {
    onsubmit: async (event) => {
      event.preventDefault();
      const values = {};
      for (const [name, value] of new FormData(element)) if (String(value).trim()) values[name] = String(value).trim();
      button.disabled = true;
      try { if ((await send(values)) !== false) element.reset(); } finally { button.disabled = false; }
    },
  }, ...fields, h('div', null, button));
  return element;
}

export function field(label, name, options = {}) {
  const { lines, choices, ...attributes } = options;
  const control = choices
    ? h('select', { name, ...attributes }, choices.map(([value, text]) => h('option', { value }, text)))
    : lines ? h('textarea', { name, rows: lines, ...attributes }) : h('input', { name, ...attributes });
  return h('label', null, label, control);
}

export function more(label, ...children) { return h('details.more', null, h('summary', null, label), ...children); }

// What a list holds, or what to do while it holds nothing.
export function list(items, render, ...whenEmpty) {
  return items.length ? h('ul.list', null, items.map((item) => h('li', null, render(item)))) : empty(...whenEmpty);
}
