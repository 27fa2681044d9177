import { get, post, say } from '../api.js';
import { field, form, h, more } from '../dom.js';
import { empty } from '../dom.js';
import { count, money } from '../words.js';

const month = (text) => new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' }).format(new Date(text));
let wanted = '';

export const graveyard = {
  name: 'graveyard', title: 'Graveyard', hears: ['grave.', 'lesson.'],
  lede: 'What we tried, honestly, and what it taught us. An intelligent failure earns as much as a success.',
  async draw(context) {
    const all = await get(`${context.base}/graves`, { limit: 60, near: wanted });
    return [
      h('form.row', { role: 'search', onsubmit: (event) => { event.preventDefault(); wanted = new FormData(event.target).get('near').trim(); document.activeElement.blur(); context.redraw(); } },
        h('label.row', null, 'Has somebody tried', h('input', { name: 'near', type: 'search', value: wanted, placeholder: 'call back earlier' })), h('button', null, 'Look')),
      h('p.why', null, wanted ? 'Nearest to those words first.' : `Newest first; ${count(all.total, 'grave')}.`),
      all.graves.length ? h('div.graves', null, all.graves.map((one) => stone(one, context)))
        : empty(wanted ? 'Nothing like it was tried. Be the first.' : 'No grave yet. When a test doesn’t work, lay it to rest here with its lesson: it earns credit, and the next team starts wiser.'),
      more('Dig a grave', form('Lay it to rest', [
        field('Name', 'name', { required: true }), field('What we expected', 'expected', { required: true }), field('What we saw', 'observed', { required: true }),
        field('What it died of', 'causeOfDeath', { required: true }), field('Lesson', 'lesson', { lines: 2, required: true }), field('Rises again if', 'resurrectIf')],
        (values) => say(post(`${context.base}/graves`, { ...values, ...(values.resurrectIf && { resurrectIf: [values.resurrectIf] }) }), 'It rests. Thank you for telling.').then((answer) => answer && context.redraw()))),
    ];
  },
};

function stone(one, context) {
  const born = month(one.born), died = month(one.died);
  const visit = () => say(post(`${context.base}/graves/${encodeURIComponent(one.id)}/visit`, { visit: 'tribute' }), 'Tribute paid.').then((answer) => answer && context.redraw());
  return h('article.grave', null, h('h2', null, one.name), h('time', { datetime: one.died }, born === died ? died : `${born} – ${died}`),
    h('blockquote', null, one.lesson),
    h('dl', null, h('dt', null, 'It died of'), h('dd', null, one.causeOfDeath), one.resurrectIf.length > 0 && [h('dt', null, 'Rises again if'), h('dd', null, one.resurrectIf.join('; '))],
      one.cost && [h('dt', null, 'It cost'), h('dd', null, money(one.cost))], one.reuseCount > 0 && [h('dt', null, 'Reused'), h('dd', null, `by ${count(one.reuseCount, 'later test')}`)],
      one.consentToName && one.triedBy.length > 0 && [h('dt', null, 'Tried by'), h('dd', null, one.triedBy.join(', '))]),
    h('button', { onclick: visit }, `Pay tribute${one.tributes ? ` (${one.tributes})` : ''}`));
}
