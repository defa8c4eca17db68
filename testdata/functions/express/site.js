// The site of TestFramework in Express. It knows nothing of Lambda: serverless-http.js
// and serverless-express.js put it behind an API.
const express = require("express");
const cookies = require("cookie-parser");
const path = require("node:path");
const zlib = require("node:zlib");

const site = express.Router();
site.use(express.static(path.join(__dirname, "public")));

site.get("/", (req, res) => res.send("<h1>home</h1>"));

site.get("/seen", (req, res) => {
  res.json({ url: req.originalUrl, host: req.get("host"), proto: req.get("x-forwarded-proto"), from: req.get("x-forwarded-for") });
});

site.route("/items/:id")
  .all((req, res, next) => {
    res.set("Access-Control-Allow-Origin", "https://app.example");
    next();
  })
  .get((req, res) => res.json({ id: req.params.id, tags: [].concat(req.query.tag ?? []), q: req.query.q ?? "" }))
  .options((req, res) => res.set("Allow", "GET, OPTIONS").status(204).end());

site.post("/json", express.json(), (req, res) => res.status(201).json({ hello: req.body.name }));

site.post("/form", express.urlencoded({ extended: false }), (req, res) => res.json(req.body));

site.post("/echo", express.raw({ type: () => true, limit: "10mb" }), (req, res) => {
  res.set("Content-Type", req.get("content-type")).send(req.body);
});

site.post("/login", express.urlencoded({ extended: false }), (req, res) => {
  res.cookie("user", req.body.user);
  res.cookie("theme", "dark", { httpOnly: true });
  res.redirect(303, "me?from=login");
});

site.get("/me", cookies(), (req, res) => {
  const { user, theme } = req.cookies;
  if (!user || !theme) return res.status(401).json({ error: "log in first" });
  res.json({ user, theme, from: req.query.from });
});

site.get("/old", (req, res) => res.redirect(301, "/items/1"));
site.get("/away", (req, res) => res.redirect("https://example.com/a?b=c&d=%C3%A9"));

site.get("/page", (req, res) => {
  res.type("html").vary("Accept-Encoding");
  const page = "<p>some text</p>\n".repeat(500);
  if (!req.acceptsEncodings("gzip")) return res.send(page);
  res.set("Content-Encoding", "gzip").send(zlib.gzipSync(page));
});

site.get("/fail", () => {
  throw new Error("no such luck");
});

// What is thrown out of the framework's sight ends the process.
site.get("/crash", () => {
  setTimeout(() => { throw new Error("gone"); });
});

// Some events carry the stage in their paths.
module.exports = express().use("/dev", site).use(site);
