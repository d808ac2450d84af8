import { amountReader } from '../repairs/read-amount.js';
import { dateReader } from '../repairs/read-date.js';
import { amountFormat, type RepairSettings } from '../repairs/repairs.schema.js';
import { readNumber } from '../validation/read-value.js';

const days = ['D/M/YYYY', 'M/D/YYYY', 'D.M.YYYY', 'D-M-YYYY', 'M-D-YYYY', 'YYYY/M/D', 'D MMM YYYY', 'MMM D, YYYY'] as const;
const clocks = ['', ' H:mm', ' H:mm:ss'] as const;
const dates = days.flatMap((day) =>
  clocks.map((clock) => ({ format: day + clock, hasTime: clock !== '', read: dateReader([day + clock]) })),
);
const looksLikeDate = /^(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2} [A-Za-z]{3}|[A-Za-z]{3,9}\.? \d)/;

const currency = ['€', '$', '£', '¥', 'EUR', 'USD', 'GBP', 'CHF'];
const amounts = [
  { decimal: '.', groups: [',', "'"], currency },
  { decimal: ',', groups: ['.', ' ', '\u00a0', '\u202f'], currency },
].map((each) => {
  const format = amountFormat.parse(each);
  return { format, read: amountReader(format) };
});
/** Nearly all values must be written so. */
const share = 0.98;
const leastValues = 20;
/** So many are looked at: the others are held to what is found by the validation. */
const mostValues = 2000;

/** How the values of a column of text are written, where they are dates or numbers after all. */
export interface WrittenForm {
  readonly type: 'date' | 'timestamp' | 'number';
  readonly repairs: RepairSettings;
  /** What a person has to decide. */
  readonly question?: string;
}

/** Finds out, value by value, whether texts are dates or numbers that are only written in another way. */
export class WrittenFormSample {
  private count = 0;
  private readonly dateFits = dates.map(() => 0);
  private readonly amountFits = amounts.map(() => 0);
  private readonly currencies = new Set<string>();
  private isAmbiguous = false;

  add(text: string): void {
    if (this.count >= mostValues) return;
    this.count++;
    const trimmed = text.trim();
    if (looksLikeDate.test(trimmed)) {
      for (const [at, { read }] of dates.entries()) if (read(trimmed) !== undefined) this.dateFits[at]!++;
    }
    if (!/\d/.test(trimmed) || trimmed.length > 40) return;
    const isPlain = Number.isFinite(readNumber(trimmed));
    const readings = amounts.map(({ read }) => read(trimmed)?.value);
    readings.forEach((reading, at) => {
      if (isPlain || reading !== undefined) this.amountFits[at]!++;
    });
    const [one, other] = readings;
    if (one !== undefined && other !== undefined && one !== other) this.isAmbiguous = true;
    for (const name of currency) if (trimmed.includes(name)) this.currencies.add(name);
  }

  /** The form that nearly all texts have; undefined where there is none. */
  form(): WrittenForm | undefined {
    if (this.count < leastValues) return undefined;
    const fitting = dates.filter((_, at) => this.dateFits[at]! >= share * this.count);
    if (fitting.length > 0) {
      const formats = fitting.map(({ format }) => format);
      const type = fitting[0]!.hasTime ? 'timestamp' : 'date';
      const repairs = { trim: true, dateFormats: formats };
      if (fitting.length === 1) return { type, repairs };
      return { type, repairs, question: `its dates fit ${formats.join(' and ')} alike: keep the one that is meant` };
    }
    const [best, other] = this.amountFits;
    const at = best! >= other! ? 0 : 1;
    if (this.amountFits[at]! < share * this.count) return undefined;
    const repairs = { trim: true, amount: { ...amounts[at]!.format, currency: [...this.currencies] } };
    if (!this.isAmbiguous || best !== other) return { type: 'number', repairs };
    return { type: 'number', repairs, question: 'its numbers can be read with a decimal point or with a decimal comma: say which' };
  }
}
