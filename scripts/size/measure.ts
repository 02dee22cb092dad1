import { table } from '../table.ts';
import { budgets, wholeLimit, type Budget } from './budgets.ts';
import { bundle, intruders, type Imports } from './bundle.ts';

export interface Row {
  readonly name: string;
  /** `absent`: its entry does not exist yet. `broken`: the entry exists and does not bundle. */
  readonly bytes: number | 'absent' | 'broken';
  readonly limit: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
  /** Rows over their budget that a ceiling holds for now. */
  readonly debts: readonly string[];
}

/** Puts the imports of a row together with those of the rows it stands on. */
function together(budget: Budget): Imports {
  const all = new Map<string, string[]>();
  for (let row: Budget | undefined = budget; row; row = find(row.on)) {
    for (const [from, names] of Object.entries(row.imports)) {
      all.set(from, [...names, ...(all.get(from) ?? [])]);
    }
  }
  return Object.fromEntries(all);
}

function find(name: string | undefined): Budget | undefined {
  return budgets.find((budget) => budget.name === name);
}

/** Measures every row of the budget table, from the packages' sources or from their builds. */
export async function measure(from: 'source' | 'dist'): Promise<Measured> {
  const rows: Row[] = [];
  const problems: string[] = [];
  const debts: string[] = [];
  const whole = new Map<string, string[]>();

  async function bytesOf(name: string, imports: Imports): Promise<Row['bytes']> {
    try {
      const made = await bundle(imports, from);
      for (const intruder of intruders(made?.files ?? [])) {
        problems.push(`${name} carries ${intruder}`);
      }
      return made?.bytes ?? 'absent';
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return 'broken';
    }
  }
  function add(name: string, bytes: Row['bytes'], limit: number, ceiling = limit): void {
    rows.push({ name, bytes, limit });
    if (typeof bytes !== 'number' || bytes <= limit) return;
    const over = `${name} is ${bytes - limit} bytes over its budget of ${limit}`;
    if (bytes > ceiling) problems.push(over);
    else debts.push(`${over}; a ceiling of ${ceiling} keeps it from growing`);
  }

  for (const budget of budgets) {
    const bytes = await bytesOf(budget.name, together(budget));
    if (typeof bytes !== 'number') {
      add(budget.name, bytes, budget.limit);
      continue;
    }
    const base = find(budget.on);
    const under = base ? await bytesOf(base.name, together(base)) : 0;
    const own = typeof under === 'number' ? bytes - under : under;
    add(budget.name, own, budget.limit, budget.ceiling);
    for (const [entry, names] of Object.entries(budget.imports)) {
      whole.set(entry, [...(whole.get(entry) ?? []), ...names]);
    }
  }
  const all = rows.some(({ bytes }) => bytes === 'broken')
    ? 'broken'
    : whole.size > 0
      ? await bytesOf('all of it', Object.fromEntries(whole))
      : 'absent';
  add('all of it', all, wholeLimit);
  return { rows, problems: [...new Set(problems)], debts };
}

function verdict({ bytes, limit }: Row): string {
  if (bytes === 'absent') return 'not built yet';
  if (bytes === 'broken') return 'BROKEN';
  return bytes <= limit ? 'ok' : 'OVER';
}

export function sizeTable(rows: readonly Row[]): string {
  return table(
    ['an app imports', 'bytes', 'budget', ''],
    rows.map((row) => [
      row.name,
      typeof row.bytes === 'number' ? String(row.bytes) : '',
      String(row.limit),
      verdict(row),
    ]),
  );
}
