/** Where a URL's connection goes, as Node's sockets take it. Pure. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export function addressOf(url: URL): Address {
  const { hostname } = url;
  return {
    // An IPv6 address stands in brackets in a URL, and without them elsewhere.
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
  };
}

/** As it stands in a request to a proxy. */
export function authorityOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
