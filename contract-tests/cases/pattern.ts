/**
 * Makes strings that a regular expression matches: the fewest repetitions, the first alternative. Knows what patterns of API
 * documents are made of; lookarounds are read past, so the caller tries several samples and checks each. For what it does
 * not know it gives `undefined`.
 */
export interface Turn {
  /** How often an open-ended repetition is taken beyond its least. Default: 0. */
  readonly repeat?: number;
  /** Which character of a set comes first; from 1 each repetition takes another. Default: 0. */
  readonly shift?: number;
}

export function sampleOfPattern(pattern: string, turn: Turn = {}): string | undefined {
  try {
    const reader = new Reader(pattern, turn);
    const text = reader.alternatives();
    return reader.done ? text : undefined;
  } catch {
    return undefined;
  }
}

/** How often an atom is to be taken, by how it is written. */
const QUANTIFIER = /^(?:\?|\*|\+|\{(\d+)(,)?(\d*)\})\??/;
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
/** What sets and classes are tried with, the likeliest first. */
const CHARACTERS = [
  ..."a0A-_ !./:@",
  "é",
  "中",
  ...Array.from({ length: 95 }, (_, code) => String.fromCharCode(code + 32)),
];

class Reader {
  readonly #text: string;
  readonly #repeat: number;
  readonly #shift: number;
  #at = 0;

  constructor(text: string, { repeat = 0, shift = 0 }: Turn) {
    this.#text = text;
    this.#repeat = repeat;
    this.#shift = shift;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    return this.#text.charAt(this.#at++);
  }

  /** The first of `a|b|c`; the others are read past. */
  alternatives(): string {
    const first = this.#sequence();
    while (this.#peek() === "|") {
      this.#at++;
      this.#sequence();
    }
    return first;
  }

  #sequence(): string {
    let text = "";
    while (!this.done && this.#peek() !== "|" && this.#peek() !== ")") {
      const choices = this.#atom();
      const count = this.#count();
      for (let index = 0; index < count; index++) {
        const turn = this.#shift === 0 ? 0 : this.#shift + index;
        text += choices[turn % choices.length] ?? "";
      }
    }
    return text;
  }

  /** The texts that one atom can be. */
  #atom(): readonly string[] {
    const char = this.#next();
    if (char === "^" || char === "$") return [""];
    if (char === ".") return among(".");
    if (char === "\\") return this.#escape();
    if (char === "[") return this.#set();
    return char === "(" ? [this.#group()] : [char];
  }

  #group(): string {
    const [opening = "", around] = /^\?(?::|<?([=!])|<[A-Za-z]\w*>)/.exec(this.#text.slice(this.#at)) ?? [];
    if (opening === "" && this.#peek() === "?") throw new Error("An unknown kind of group.");
    this.#at += opening.length;
    const inner = this.alternatives();
    if (this.#next() !== ")") throw new Error("Unclosed group.");
    return around === undefined ? inner : "";
  }

  #escape(): readonly string[] {
    const char = this.#next();
    if (char === "b" || char === "B") return [""];
    if (/[dwsDWS]/.test(char)) return among(`\\${char}`);
    if (char === "p" || char === "P") {
      const end = this.#text.indexOf("}", this.#at) + 1;
      const name = this.#text.slice(this.#at, end);
      this.#at = end;
      return among(`\\${char}${name}`);
    }
    const control = CONTROLS[char];
    if (control !== undefined) return [control];
    if (/[A-Za-z0-9]/.test(char)) throw new Error(`\\${char} is not sampled.`);
    return [char];
  }

  #set(): readonly string[] {
    const start = this.#at - 1;
    if (this.#peek() === "^") this.#at++;
    const first = this.#at;
    while (this.#peek() !== "]" || this.#at === first) {
      if (this.done) throw new Error("Unclosed set.");
      if (this.#next() === "\\") this.#at++;
    }
    this.#at++;
    return among(this.#text.slice(start, this.#at));
  }

  /** The quantifier after an atom, as a number of times. */
  #count(): number {
    const match = QUANTIFIER.exec(this.#text.slice(this.#at));
    if (!match) return 1;
    this.#at += match[0].length;
    const sign = match[0].charAt(0);
    if (sign === "?") return Math.min(1, this.#repeat);
    if (sign === "*") return this.#repeat;
    if (sign === "+") return 1 + this.#repeat;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] ? Number(match[3]) : Number.POSITIVE_INFINITY;
    return Math.min(most, least + this.#repeat);
  }
}

/** The characters that a set or a class has. */
function among(pattern: string): readonly string[] {
  const own = expression(pattern);
  const found = CHARACTERS.filter((char) => own.test(char));
  if (found.length === 0) throw new Error("An empty set.");
  return found;
}

/** As validators compile it, and without the `u` flag where it compiles only so. @throws {SyntaxError} */
export function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}
