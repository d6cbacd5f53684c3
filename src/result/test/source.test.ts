import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResultSettings } from "../../options.js";
import { resultSource } from "../source.js";

const PRODUCTION: ResultSettings = {
  hosts: ["magnific.com", "freepik.com"],
  origin: "https://api.magnific.com",
  maxBytes: 1,
};
const LOCAL: ResultSettings = { ...PRODUCTION, origin: "http://127.0.0.1:4010" };

const refusalOf = (settings: ResultSettings, url: string): string | undefined => {
  const source = resultSource(settings, url);
  return "refused" in source ? source.refused : undefined;
};

describe("fetched", () => {
  const cases: readonly (readonly [ResultSettings, string])[] = [
    [PRODUCTION, "https://ai-statics.freepik.com/completed_task_image.jpg"],
    [PRODUCTION, "https://cdn-magnific.freepik.com/a.png?token=exp=1~hmac=2"],
    [PRODUCTION, "https://FREEPIK.com/x"],
    [PRODUCTION, "https://freepik.com:443/x"],
    [PRODUCTION, "https://ｆｒｅｅｐｉｋ.com/x"],
    [PRODUCTION, "https://api.magnific.com/x"],
    [LOCAL, "http://127.0.0.1:4010/x"],
    [LOCAL, "https://cdn.freepik.com/x"],
    [{ ...PRODUCTION, origin: "https://10.0.0.8:8443" }, "https://10.0.0.8:8443/x"],
    [{ ...PRODUCTION, hosts: ["*.example.org"] }, "https://cdn.example.org/x"],
    [{ ...PRODUCTION, hosts: [".example.org"] }, "https://example.org/x"],
    [{ ...PRODUCTION, hosts: ["10.0.0.5:9000"] }, "https://10.0.0.5:9000/x"],
    [{ ...PRODUCTION, hosts: ["10.0.0.5:443"] }, "https://10.0.0.5/x"],
    [{ ...LOCAL, hosts: ["localhost:9000"] }, "http://localhost:9000/x"],
    [{ ...PRODUCTION, hosts: ["1.1.1.1"] }, "https://1.1.1.1/x"],
    [{ ...PRODUCTION, hosts: ["bücher.example"] }, "https://cdn.xn--bcher-kva.example/x"],
  ];
  for (const [settings, url] of cases)
    it(`${url} with ${settings.hosts.join(", ")} and ${settings.origin}`, () => {
      expect(refusalOf(settings, url)).toBeUndefined();
    });
});

describe("refused", () => {
  const cases: readonly (readonly [string, RegExp, ResultSettings?])[] = [
    ["", /not a URL/],
    ["/relative.png", /not a URL/],
    ["data:image/png;base64,AAAA", /scheme is data/],
    ["file:///etc/passwd", /scheme is file/],
    ["javascript:alert(1)", /scheme/],
    ["ftp://freepik.com/x", /scheme is ftp/],
    ["http://ai-statics.freepik.com/x", /plain http/],
    ["http://127.0.0.1:4010/x", /plain http/],
    ["http://127.0.0.1:4011/x", /private network/, LOCAL],
    ["http://localhost:4010/x", /private network/, LOCAL],
    ["http://10.0.0.1/x", /plain http/, LOCAL],
    ["https://evilfreepik.com/x", /not one of/],
    ["https://freepik.com.evil.example/x", /not one of/],
    ["https://freepik.com./x", /not one of/],
    ["https://freepik.com@evil.example/x", /user name/],
    ["https://user:pass@cdn.freepik.com/x", /user name/],
    ["https://evil.example\\@freepik.com/x", /not one of/],
    ["https://evil.example/freepik.com", /not one of/],
    ["https://evil.example#@freepik.com", /not one of/],
    // Cyrillic letters that look the same.
    ["https://frеepik.com/x", /not one of/],
    ["https://freepik。com.evil.example/x", /not one of/],
    ["https://cdn.freepik.com:8443/x", /port 8443/],
    ["https://127.0.0.1/x", /private network/],
    ["https://2130706433/x", /private network/],
    ["https://0x7f.1/x", /private network/],
    ["https://0177.0.0.1/x", /private network/],
    ["https://[::1]/x", /private network/],
    ["https://[::ffff:10.0.0.1]/x", /private network/],
    ["https://[fe80::1]/x", /private network/],
    ["https://[fd00::1]/x", /private network/],
    ["https://169.254.169.254/latest/meta-data/", /private network/],
    ["https://metadata.google.internal/x", /private network/],
    ["https://localhost/x", /private network/],
    ["https://intranet/x", /private network/],
    // Allowed by name only, it is still a private address; with its port it is meant.
    ["https://10.0.0.5/x", /private network/, { ...PRODUCTION, hosts: ["10.0.0.5"] }],
    ["https://10.0.0.5:9001/x", /private network/, { ...PRODUCTION, hosts: ["10.0.0.5:9000"] }],
    ["http://10.0.0.5:9000/x", /plain http/, { ...PRODUCTION, hosts: ["10.0.0.5:9000"] }],
    ["https://9.1.1.1.1.example/x", /not one of/, { ...PRODUCTION, hosts: ["1.1.1.1"] }],
    [
      "https://evil.example/x",
      /not one of/,
      { ...PRODUCTION, hosts: ["", ".", "*.", " ", "/", "a/evil.example", "x@evil.example"] },
    ],
  ];
  for (const [url, reason, settings = PRODUCTION] of cases)
    it(`${url || "an empty URL"} with ${settings.hosts.join(", ")} and ${settings.origin}`, () => {
      expect(refusalOf(settings, url)).toMatch(reason);
    });

  it("whatever does not end in an allowed name at a label boundary", () => {
    fc.assert(
      fc.property(fc.domain(), fc.webPath(), (domain, path) => {
        fc.pre(!/(?:^|\.)(?:magnific|freepik)\.com$/.test(domain));
        expect(refusalOf(PRODUCTION, `https://${domain}${path}`)).toBeDefined();
        expect(refusalOf(PRODUCTION, `https://${domain}freepik.com.${domain}${path}`)).toBeDefined();
        expect(refusalOf(PRODUCTION, `https://${domain.replaceAll(".", "")}freepik.com/`)).toBeDefined();
        expect(refusalOf(PRODUCTION, `https://${domain}.freepik.com${path}`)).toBeUndefined();
      }),
    );
  });
});
