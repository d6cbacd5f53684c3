/** Which proxy a URL goes through, by the variables that curl and others read. Pure. */

/** The variables looked at; lower case wins, as with curl. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * `HTTPS_PROXY` for https, `HTTP_PROXY` for http, unless `NO_PROXY` names the host. A loopback address never goes through
 * a proxy: it would name the proxy's own machine.
 *
 * @throws {TypeError} The variable holds no URL.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): URL | undefined {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || "";
  const value = read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (value === "" || isLoopback(url.hostname) || isExempt(url, read("NO_PROXY"))) return undefined;
  return parseProxy(value);
}

/** @throws {TypeError} It is no URL of an http or https proxy. */
export function parseProxy(value: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  // The value may hold a password: the message does not repeat it.
  if (!URL.canParse(text)) throw new TypeError("The proxy's address is not a URL.");
  const proxy = new URL(text);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:")
    throw new TypeError(`A ${proxy.protocol.slice(0, -1)} proxy is not supported; http and https are.`);
  try {
    proxyAuthorization(proxy);
  } catch {
    throw new TypeError("The proxy's user or password holds a % that encodes nothing; a percent sign itself is %25.");
  }
  return proxy;
}

/** `Basic …` for a proxy whose URL names a user. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "" && proxy.password === "") return undefined;
  const text = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(text, "utf8").toString("base64")}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** `*`, or names and addresses apart by commas or spaces: a name covers its subdomains; a port narrows it. */
function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const parts = /^(.*?)(?::(\d+))?$/.exec(entry);
      const name = (parts?.[1] ?? "").replace(/^\*?\./, "");
      if (parts?.[2] !== undefined && parts[2] !== port) return false;
      return name !== "" && (url.hostname === name || url.hostname.endsWith(`.${name}`));
    });
}
