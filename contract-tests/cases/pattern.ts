/**
 * Makes one string that a regular expression matches: the shortest repetitions, the first alternative. Knows what
 * patterns of API documents are made of; for what it does not know it gives `undefined`, and the caller checks the result.
 */
export function sampleOfPattern(pattern: string, repeat = 0): string | undefined {
  try {
    const reader = new Reader(pattern, repeat);
    const text = reader.alternatives();
    return reader.done ? text : undefined;
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #text: string;
  /** How often an open-ended repetition is taken beyond its least. */
  readonly #repeat: number;
  #at = 0;

  constructor(text: string, repeat: number) {
    this.#text = text;
    this.#repeat = repeat;
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
      const one = this.#atom();
      text += one.repeat(this.#count());
    }
    return text;
  }

  #atom(): string {
    const char = this.#next();
    if (char === "^" || char === "$") return "";
    if (char === ".") return "a";
    if (char === "\\") return this.#escape();
    if (char === "[") return this.#set();
    if (char !== "(") return char;
    if (this.#peek() === "?") {
      const kind = /^\?(?::|<[A-Za-z]\w*>)/.exec(this.#text.slice(this.#at));
      if (!kind) throw new Error("Lookarounds are not sampled.");
      this.#at += kind[0].length;
    }
    const inner = this.alternatives();
    if (this.#next() !== ")") throw new Error("Unclosed group.");
    return inner;
  }

  #escape(): string {
    const char = this.#next();
    const known: Record<string, string> = {
      d: "0",
      w: "a",
      s: " ",
      D: "a",
      W: "-",
      S: "a",
      b: "",
      B: "",
      n: "\n",
      t: "\t",
      r: "\r",
    };
    if (Object.hasOwn(known, char)) return known[char] ?? "";
    if (/[A-Za-z0-9]/.test(char)) throw new Error(`\\${char} is not sampled.`);
    return char;
  }

  #set(): string {
    const negated = this.#peek() === "^";
    if (negated) this.#at++;
    const start = this.#at;
    while (this.#peek() !== "]" || this.#at === start) {
      if (this.done) throw new Error("Unclosed set.");
      if (this.#next() === "\\") this.#at++;
    }
    const body = this.#text.slice(start, this.#at++);
    const set = new RegExp(`[${negated ? "^" : ""}${body}]`, "u");
    const found = [..."a0A-_ !./:@"].find((char) => set.test(char)) ?? [...printable()].find((char) => set.test(char));
    if (found === undefined) throw new Error("An empty set.");
    return found;
  }

  /** The quantifier after an atom, as a number of times. */
  #count(): number {
    const rest = this.#text.slice(this.#at);
    const match = /^(?:\?|\*|\+|\{(\d+)(,)?(\d*)\})\??/.exec(rest);
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

function* printable(): Generator<string> {
  for (let code = 32; code < 127; code++) yield String.fromCharCode(code);
}
