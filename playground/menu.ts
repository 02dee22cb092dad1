/** What the house sells, in euros. */
const menu = [
  ['espresso', 2.4],
  ['flat white', 3.9],
  ['oat cappuccino', 4.2],
  ['filter coffee', 3.2],
  ['mint tea', 3.4],
  ['lemon cake', 4.6],
  ['croissant', 2.9],
  ['cheese toast', 6.8],
  ['soup of the day', 7.9],
  ['green salad', 8.4],
  ['lunch for two', 27],
  ['lunch for six', 79],
  ['beans 250 g', 11.5],
] as const;

interface Line {
  item: string;
  quantity: number;
}

/** One to three different things, most of them once. */
export function someLines(random: () => number): { lines: Line[]; total: number } {
  const picked = new Map<string, Line & { price: number }>();
  const count = 1 + Math.floor(random() * random() * 3.6);
  while (picked.size < count) {
    const [item, price] = menu[Math.floor(random() * menu.length)] ?? menu[0];
    if (price > 20 && picked.size > 0) continue;
    const quantity = price > 20 ? 1 : 1 + Math.floor(random() * random() * 3.4);
    picked.set(item, { item, quantity, price });
  }
  const lines = [...picked.values()];
  const total = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  return {
    lines: lines.map(({ item, quantity }) => ({ item, quantity })),
    total: Math.round(total * 100) / 100,
  };
}
