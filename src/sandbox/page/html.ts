export const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Magnific sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sandbox/page.css">
<script type="module" src="/sandbox/page.js"></script>
</head>
<body>
<header>
  <div>
    <h1>Magnific sandbox</h1>
    <p>A local stand-in for the provider: images are resampled here, not by Magnific's model, and nothing leaves this machine.</p>
  </div>
  <p id="counts" role="status"></p>
</header>
<main>
  <section id="none">
    <h2>No tasks yet</h2>
    <p>Point a client at this sandbox. Its key was printed where it was started.</p>
    <pre>export MAGNIFIC_BASE_URL=<code id="origin"></code>
export MAGNIFIC_API_KEY=…
magnific upscale photos/ --out big/</pre>
  </section>
  <nav aria-label="Tasks"><ul id="tasks"></ul></nav>
  <section id="detail" aria-label="Task" hidden>
    <div id="head">
      <h2 id="title"></h2>
      <p id="state" role="status"></p>
    </div>
    <div id="compare" hidden>
      <div id="pictures">
        <img id="after" alt="After: the result">
        <img id="before" alt="Before: the image that was sent, stretched">
        <b class="side">Before</b><b class="side">After</b>
        <i id="edge"></i>
        <input id="slider" type="range" min="0" max="100" value="50" aria-label="How much of the image before upscaling is shown">
      </div>
    </div>
    <img id="source" alt="The image that was sent" hidden>
    <p id="gone" hidden>The images were removed: their URLs have expired.</p>
    <dl id="facts"></dl>
  </section>
</main>
<footer><kbd>↑</kbd> <kbd>↓</kbd> choose a task · <kbd>←</kbd> <kbd>→</kbd> or drag to compare before and after</footer>
</body>
</html>
`;
