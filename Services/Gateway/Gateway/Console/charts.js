// Honest charts with few lines.
import { h } from './dom.js';
import { number, rate } from './words.js';

export function sparkline(weeks, label) {
  const width = 130, height = 36, top = Math.max(1, ...weeks);
  const step = weeks.length > 1 ? (width - 4) / (weeks.length - 1) : 0;
  const points = weeks.map((value, index) => `${(2 + index * step).toFixed(1)} ${(32 - 28 * value / top).toFixed(1)}`);
  return h('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    h('path.axis', { d: `M2 34 H${width - 2}` }),
    points.length > 1 ? h('path.line', { d: `M${points.join(' L')}` })
      : h('circle.dot', { cx: 64, cy: 4 + 28 * (1 - weeks[0] / top || 0), r: 3 }));
}

// Credits per FTE-month against exposure, with the limits inside which differences are chance (Spiegelhalter 2005).
export function funnel(standings, mean, spread) {
  const width = 640, height = 320, left = 44, bottom = 44, right = 16, top = 14;
  const exposures = standings.map((team) => team.exposureFTEMonths);
  const most = Math.max(1, ...exposures) * 1.08;
  const raw = (team) => team.exposureFTEMonths > 0 ? team.credits / team.exposureFTEMonths : 0;
  const at = (exposure, z) => mean + z * Math.sqrt(spread * mean / exposure);
  // Limits are drawn from somewhat below the smallest team: nearer to nothing they say nothing.
  const least = Math.max(most / 40, Math.min(...exposures.filter((value) => value > 0), most) / 2);
  const highest = Math.max(at(least, 1.96), ...standings.map(raw), mean * 2, 1e-6) * 1.08;
  const x = (exposure) => left + (width - left - right) * exposure / most;
  const y = (rate) => top + (height - top - bottom) * (1 - Math.min(Math.max(rate, 0), highest) / highest);
  const steps = Array.from({ length: 61 }, (_, index) => least + (most - least) * index / 60);
  const curve = (z) => steps.filter((exposure) => at(exposure, z) <= highest && at(exposure, z) >= 0)
    .map((exposure) => `${x(exposure).toFixed(1)} ${y(at(exposure, z)).toFixed(1)}`).join(' L');
  const limit = (kind, z) => curve(z) && h(`path.${kind}`, { d: `M${curve(z)}` });
  const zone = `M${steps.map((exposure) => `${x(exposure).toFixed(1)} ${y(at(exposure, 1.96)).toFixed(1)}`).join(' L')} L${steps.slice().reverse()
    .map((exposure) => `${x(exposure).toFixed(1)} ${y(at(exposure, -1.96)).toFixed(1)}`).join(' L')} Z`;
  const outside = standings.filter((team) => team.band !== 'within');
  return h('svg', {
    viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': `Funnel plot of ${standings.length} teams; ${outside.length} outside the limits of chance`,
  },
    h('path.zone', { d: zone }), h('path.axis', { d: `M${left} ${top} V${height - bottom} H${width - right}` }),
    limit('limit', 1.96), limit('limit', -1.96), limit('outer', 3.09), limit('outer', -3.09),
    h('path.axis', { d: `M${x(least)} ${y(mean)} H${width - right}` }),
    standings.map((team) => {
      const isOut = team.band !== 'within', px = x(team.exposureFTEMonths), py = y(raw(team));
      const toTheLeft = px > width - 130;
      return h('g', null,
        h(isOut ? 'circle.dot.out' : 'circle.dot', { cx: px, cy: py, r: isOut ? 6 : 4 },
          h('title', null, `${team.name}: ${number(team.credits)} credits in ${number(team.exposureFTEMonths)} FTE-months`)),
        (isOut || standings.length <= 8)
          && h('text.name', { x: px + (toTheLeft ? -9 : 9), y: py + 4, 'text-anchor': toTheLeft ? 'end' : 'start' }, team.name));
    }),
    h('text', { x: left, y: height - 24 }, 'less work time'),
    h('text', { x: width - right, y: height - 24, 'text-anchor': 'end' }, `${number(most)} FTE-months`),
    h('text', { x: 4, y: y(mean) + 4 }, rate(mean)), h('text', { x: 4, y: top + 8 }, rate(highest)),
    h('text', { x: left, y: height - 6 }, 'Credits per FTE-month. Dashes: 95 % of chance; dots: 99.8 %.'));
}

export function weekBars(weeks, label) {
  const width = 420, height = 110, most = Math.max(1, ...weeks.map((week) => week.count));
  const step = width / Math.max(weeks.length, 8);
  return h('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    weeks.map((week, index) => {
      const size = 70 * week.count / most, mark = 84 - 70 * week.meanShare;
      return h('g', null,
        h('rect.bar2', { x: index * step + 2, y: 84 - size, width: Math.max(step - 4, 2), height: size }),
        h('circle.bar', { cx: index * step + step / 2, cy: mark, r: 3.5 },
          h('title', null, `${week.label}: ${number(week.meanShare * 100)} of 100, ${week.count} answers`)));
    }),
    h('path.axis', { d: `M0 84 H${width}` }),
    h('text', { x: 0, y: 102 }, weeks[0]?.label ?? ''),
    h('text', { x: step * weeks.length, y: 102, 'text-anchor': 'end' }, weeks.length > 1 ? weeks.at(-1).label : ''));
}
