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
  <h1>Magnific sandbox</h1>
  <p>A local stand-in for the provider: pictures are resampled here, not by Magnific's model, and nothing is sent out.</p>
  <p id="counts" role="status"></p>
</header>
<main>
  <nav aria-label="Tasks">
    <p id="none">No task yet. Point a client's base URL at <code id="origin"></code>.</p>
    <ul id="tasks"></ul>
  </nav>
  <section id="detail" aria-label="Task" hidden>
    <h2 id="title"></h2>
    <p id="state" role="status"></p>
    <div id="compare" hidden>
      <div id="pictures">
        <img id="after" alt="After: the result">
        <img id="before" alt="Before: the image sent, stretched">
        <i id="edge"></i>
      </div>
      <label>Before <input id="slider" type="range" min="0" max="100" value="50"
        aria-label="How much of the image before is shown"> After</label>
    </div>
    <img id="source" alt="The image sent" hidden>
    <dl id="facts"></dl>
  </section>
</main>
<footer><kbd>↑</kbd> <kbd>↓</kbd> choose a task · <kbd>←</kbd> <kbd>→</kbd> compare before and after</footer>
</body>
</html>
`;
