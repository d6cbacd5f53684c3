import { describe, expect, it } from "vitest";
import { isAddress, isLoopback, isPrivate } from "../address.js";

const hostOf = (host: string): string => new URL(`https://${host}/`).hostname;

const expectPrivate = (expected: boolean, hosts: readonly string[]): void => {
  for (const host of hosts) expect([host, isPrivate(hostOf(host))]).toEqual([host, expected]);
};

describe("private addresses", () => {
  it("of version 4 differ from public ones at the edges of each block", () => {
    // First and last of each block; what lies just outside is public, unless another block begins there.
    const blocks: readonly (readonly [string, string])[] = [
      ["0.0.0.0", "0.255.255.255"],
      ["10.0.0.0", "10.255.255.255"],
      ["100.64.0.0", "100.127.255.255"],
      ["127.0.0.0", "127.255.255.255"],
      ["169.254.0.0", "169.254.255.255"],
      ["172.16.0.0", "172.31.255.255"],
      ["192.0.0.0", "192.0.0.255"],
      ["192.0.2.0", "192.0.2.255"],
      ["192.168.0.0", "192.168.255.255"],
      ["198.18.0.0", "198.19.255.255"],
      ["198.51.100.0", "198.51.100.255"],
      ["203.0.113.0", "203.0.113.255"],
      ["224.0.0.0", "255.255.255.255"],
    ];
    const numberOf = (address: string): number =>
      address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
    const addressOf = (number: number): string =>
      [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
    for (const [first, last] of blocks) {
      expectPrivate(true, [first, last]);
      const outside = [numberOf(first) - 1, numberOf(last) + 1].filter((one) => one > 0 && one < 2 ** 32);
      expectPrivate(false, outside.map(addressOf));
    }
  });

  it("of version 6 are all but the global ones", () => {
    expectPrivate(true, [
      ...["[::]", "[::1]", "[::ffff:1.1.1.1]", "[64:ff9b::10.0.0.1]", "[1fff:ffff::1]", "[2001::1]"],
      ...["[2001:1ff:ffff::1]", "[2001:db8::1]", "[2001:db8:1:2:3:4:5:6]", "[2002::1]", "[2002:a00:1::]"],
      ...["[2002:ffff::1]", "[3fff::1]", "[3fff:fff::1]", "[4000::1]", "[fc00::1]", "[fdff::1]", "[fe80::1]"],
      "[ff02::1]",
    ]);
    expectPrivate(false, [
      ...["[2000::]", "[2000:1:2:3:4:5:6:7]", "[2001:200::1]", "[2001:db7::1]", "[2001:db9::1]", "[2003::1]"],
      ...["[2001:4860:4860::8888]", "[2606:4700:4700::1111]", "[2a00::1111]", "[2a00:1450:4001:80b::200e]"],
      ...["[3ffe:1::1]", "[3fff:1000::1]", "[3fff:ffff::1]"],
    ]);
  });

  it("have names too, which only a private network knows", () => {
    expectPrivate(true, [
      ...["localhost", "localhost.", "app.localhost", "printer.local", "host.localdomain", "nas.home.arpa"],
      ...["metadata.google.internal", "metadata.google.internal.", "home.arpa", "intranet"],
    ]);
    expectPrivate(false, [
      ...["app.notlocalhost", "localhost.example", "internal.example", "nas.homexarpa", "in-addr.arpa"],
      ...["magnific.com", "1.2.3.4.example", "example.1.2.3.a4"],
    ]);
  });
});

it("isAddress tells addresses from names", () => {
  for (const address of ["1.1.1.1", "127.0.0.1", "255.255.255.255", "[::1]", "[2a00::1]"])
    expect([address, isAddress(hostOf(address))]).toEqual([address, true]);
  for (const name of ["example.org", "1.1.1.1.example", "a1.1.1.1", "one", "x.1.1.1.1x", "1.1.1.com"])
    expect([name, isAddress(name)]).toEqual([name, false]);
});

it("isLoopback knows this machine by every name", () => {
  for (const host of ["localhost", "app.localhost", "127.0.0.1", "127.1.22.255", "[::1]"])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of ["notlocalhost", "localhost.example", "128.0.0.1", "127.0.0.1.example", "a127.0.0.1", "[::2]"])
    expect([host, isLoopback(host)]).toEqual([host, false]);
});
