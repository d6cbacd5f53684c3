/** What is wrong with an image that is passed as text. Loaded with the first text: most programs pass bytes. */
type TextFault = readonly [rule: string, message: string];

/** Why the text cannot be sent. Never shows it: a mistaken string may hold anything. */
export function textFault(text: string, isBase64: () => boolean): TextFault | undefined {
  if (text === "") return ["empty", "is an empty string"];
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text))
    return ["url", "is a URL. A string must be base64, and no URL is fetched for you: pass `await fetch(url)` instead"];
  if (text.length < 1024 && looksLikePath(text))
    return [
      "path",
      'is a path. A string must be base64, and no file is read for you: pass `await imageFile(path)` from "magnific-client/node"',
    ];
  return isBase64() ? undefined : ["base64", whyNotBase64(text)];
}

function looksLikePath(text: string): boolean {
  return (
    /^(?:\.{0,2}[/\\](?!9j\/)|~\/|[a-z]:[\\/])/i.test(text) ||
    /\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i.test(text)
  );
}

function whyNotBase64(text: string): string {
  const sample = text.slice(0, 4096);
  if (/\s/.test(sample) || /\s$/.test(text)) return "is base64 with line breaks or spaces: remove them";
  if (/^[\w-]+={0,2}$/.test(sample) && /[-_]/.test(sample)) return "is base64url: use + and / instead of - and _";
  return "is not valid base64: it has other characters, wrong padding or unused bits that are not zero";
}
