/** Whether a URL is one that results are fetched from. Pure; used for the result's own URL and for every redirect. */

import type { ResultSettings } from "../options.js";
import { isAddress, isLoopback, isPrivate } from "../util/address.js";

/** The URL to fetch, or why it is not fetched. */
export type Source = { readonly url: URL } | { readonly refused: string };

/**
 * A result comes from an allowed host over `https` on the default port, or from the base URL's own origin. Nothing else in
 * a private network is fetched: a URL in a response must not reach into the network of whoever runs the client. Only an
 * entry with a port (`127.0.0.1:9000`) allows exactly that host and port, private or not.
 */
export function resultSource(settings: ResultSettings, value: string, base?: URL): Source {
  if (!URL.canParse(value, base)) return { refused: "it is not a URL" };
  const url = new URL(value, base);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return { refused: `its scheme is ${url.protocol.slice(0, -1)}, not https` };
  // The name before an @ is easily mistaken for the host.
  if (url.username !== "" || url.password !== "") return { refused: "it contains a user name or password" };
  if (url.origin === settings.origin) return { url };

  const own = new URL(settings.origin);
  if (url.protocol === "http:" && !(isLoopback(url.hostname) && isLoopback(own.hostname)))
    return { refused: "it is plain http, not https" };
  if (settings.hosts.some((host) => namesExactly(host, url))) return { url };
  if (isPrivate(url.hostname)) return { refused: `its host ${url.hostname} is inside a private network` };
  if (url.port !== "") return { refused: `its port ${url.port} is not the default one` };
  if (settings.hosts.some((host) => covers(host, url.hostname))) return { url };
  const allowed = settings.hosts.join(", ");
  return { refused: `its host ${url.hostname} is not one of ${allowed} (option \`results.hosts\`)` };
}

function namesExactly(host: string, url: URL): boolean {
  const port = /:(\d+)$/.exec(host)?.[1];
  if (port === undefined) return false;
  const name = canonical(host.slice(0, -port.length - 1));
  return name === url.hostname && port === (url.port || (url.protocol === "https:" ? "443" : "80"));
}

/** A name covers itself and its subdomains; an address only itself. */
function covers(host: string, hostname: string): boolean {
  const name = canonical(host);
  if (name === undefined) return false;
  return hostname === name || (!isAddress(name) && hostname.endsWith(`.${name}`));
}

/** The host as `URL` writes it, so that case, other scripts and odd addresses compare as fetched; without a leading `*.`. */
function canonical(host: string): string | undefined {
  const name = host.replace(/^\*?\./, "");
  if (!/[^.\s]/.test(name) || /[/?#@\\]/.test(name)) return undefined;
  const url = `https://${name}/`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
