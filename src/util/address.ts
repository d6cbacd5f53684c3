/** Which hosts lie inside a machine or a private network. Works on hosts as `URL` writes them: lower case, addresses canonical. */

/** The IPv4 blocks that are not public (IANA special-purpose registry). */
const SPECIAL_IPV4 =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3";

const LOCAL_NAME = /(?:^|\.)(?:localhost|local|localdomain|internal|home\.arpa)\.?$/;

export function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || ipv4(hostname) !== undefined;
}

export function isLoopback(hostname: string): boolean {
  return /(?:^|\.)localhost$/.test(hostname) || /^127(?:\.\d+){3}$/.test(hostname) || hostname === "[::1]";
}

/** Whether nobody on the network can read what goes there. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Whether the host is an address that is not public, or a name that only a private network knows. */
export function isPrivate(hostname: string): boolean {
  if (hostname.startsWith("[")) return !isPublicIpv6(hostname.slice(1, -1));
  const address = ipv4(hostname);
  if (address === undefined) return LOCAL_NAME.test(hostname) || !hostname.includes(".");
  return SPECIAL_IPV4.split(" ").some((block) => {
    const [first = "", bits] = block.split("/");
    return (address ^ (ipv4(first) ?? 0)) >>> (32 - Number(bits)) === 0;
  });
}

function ipv4(hostname: string): number | undefined {
  if (!/^\d+(?:\.\d+){3}$/.test(hostname)) return undefined;
  return hostname.split(".").reduce((address, part) => (address << 8) | Number(part), 0);
}

/**
 * Only global unicast (2000::/3) is public; that leaves out loopback, link-local, unique local, IPv4-mapped and NAT64
 * addresses. Of it, Teredo, ORCHID and the like (2001::/23), documentation and 6to4 (2002::/16) are not public either.
 */
function isPublicIpv6(address: string): boolean {
  // A "::" stands for zeros, and only the first two groups matter here.
  const [first = 0, second = 0] = address
    .replace(/::.*/, "")
    .split(":")
    .map((group) => Number.parseInt(group, 16));
  if (!(first >= 0x2000 && first <= 0x3fff)) return false;
  if (first === 0x2001) return second >= 0x0200 && second !== 0x0db8;
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
}
