// Charts of days: the calls with a credential, and the seats of a license with their forecast. The figures are in the
// page, so that these charts need no request.
(() => {
  const HEIGHT = 200;
  const DAY = 86400;
  const seconds = day => Date.parse(`${day}T00:00:00Z`) / 1000;
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const utc = time => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC');

  const draw = (place, series, data, band) => {
    const axis = { stroke: () => getComputedStyle(place).color, grid: { stroke: 'rgba(128,128,128,.2)' } };
    const plot = new uPlot({
      width: place.clientWidth, height: HEIGHT, tzDate: utc,
      series: [{ label: place.dataset.dayLabel, value: '{YYYY}-{MM}-{DD}' }, ...series],
      axes: [{ ...axis, values: [[DAY * 365, '{YYYY}'], [DAY * 28, '{YYYY}-{MM}'], [DAY, '{MM}-{DD}'], [1, '']] }, { ...axis, size: 60, incrs: [1, 2, 5].flatMap(step => Array.from({ length: 10 }, (_, power) => step * 10 ** power)).sort((a, b) => a - b) }],
      scales: { x: { range: () => band }, y: { range: (_, min, max) => [0, Math.max(max * 1.1, 1)] } },
      cursor: { drag: { x: false, y: false } },
    }, data, place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
    new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  };

  document.querySelectorAll('[data-chart]').forEach(place => {
    const days = place.dataset.days.split(' ').map(seconds);
    const values = place.dataset.values.split(' ').map(Number);
    if (place.dataset.chart === 'days') {
      draw(place, [{ label: place.dataset.label, stroke: () => color('--ok'), fill: () => color('--ok'),
        paths: uPlot.paths.bars({ size: [0.6, 40] }), points: { show: false } }], [days, values],
      [days[0] - DAY, days.at(-1) + DAY]);
      return;
    }
    const limit = Number(place.dataset.limit);
    const today = days.at(-1);
    const full = place.dataset.full ? seconds(place.dataset.full) : null;
    // No further ahead than three months: beyond, the past would be a dot.
    const end = Math.min(full === null ? today : full + 2 * DAY, today + 92 * DAY);
    const times = [...days];
    for (let time = today + DAY; time <= end; time += DAY) times.push(time);
    const past = times.map((_, at) => values[at] ?? null);
    const ahead = times.map(time => (full === null || time < today || full <= today || time > full ? null
      : values.at(-1) + (limit - values.at(-1)) * (time - today) / (full - today)));
    draw(place, [
      { label: place.dataset.label, stroke: () => color('--ok'), width: 2, points: { show: false } },
      { label: place.dataset.forecastLabel, stroke: () => color('--warn'), width: 2, dash: [6, 5], points: { show: false },
        value: (_, value) => (value === null || value === undefined ? '–' : String(Math.round(value))) },
      { label: place.dataset.limitLabel, stroke: () => color('--bad'), width: 1, points: { show: false } },
    ], [times, past, ahead, times.map(() => limit)], [times[0], Math.max(times.at(-1), today + DAY)]);
  });
})();
