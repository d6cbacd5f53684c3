/**
 * Writes query parameters as openapi-fetch does, arrays repeated and objects as `deepObject`, and also objects in objects,
 * which the provider's filters are and openapi-fetch refuses: `filters[type][photo]=1`.
 */
export function serializeQuery(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.flatMap((one: unknown) => pairs(name, one)) : pairs(name, value),
    )
    .join("&");
}

function pairs(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [`${name}=${encodeURIComponent(String(value))}`];
  return Object.entries(value).flatMap(([key, one]) => pairs(`${name}[${encodeURIComponent(key)}]`, one));
}
