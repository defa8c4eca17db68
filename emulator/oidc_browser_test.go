package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/chromedp/chromedp"

	"github.com/postern/postern/emulator/emulatortest"
)

// singlePageApp signs its visitor in by itself, with a proof of its own (PKCE) and no
// secret, and shows what the API says to them. It stands at another origin than both.
const singlePageApp = `<!doctype html><title>app</title>
<p id="state">starting</p>
<script type="module">
const issuer = %q, api = %q, client = "page", redirect = location.origin + "/";
const show = text => { document.getElementById("state").textContent = text; document.getElementById("state").id = "done"; };
const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
try {
  const config = await (await fetch(issuer + "/.well-known/openid-configuration")).json();
  const answer = new URLSearchParams(location.search);
  if (answer.has("error")) {
    show(answer.get("error"));
  } else if (!answer.has("code")) {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32))), state = crypto.randomUUID();
    sessionStorage.setItem(state, verifier);
    const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
    location.replace(config.authorization_endpoint + "?" + new URLSearchParams({
      response_type: "code", client_id: client, redirect_uri: redirect, scope: "openid email pets/read", state, audience: "pets-api",
      code_challenge: challenge, code_challenge_method: "S256", ...Object.fromEntries(answer),
    }));
  } else {
    const tokens = await (await fetch(config.token_endpoint, { method: "POST", body: new URLSearchParams({
      grant_type: "authorization_code", client_id: client, redirect_uri: redirect, code: answer.get("code"), code_verifier: sessionStorage.getItem(answer.get("state")),
    }) })).json();
    const authorization = "Bearer " + tokens.access_token;
    const me = await (await fetch(config.userinfo_endpoint, { headers: { authorization } })).json();
    const keys = await (await fetch(config.jwks_uri)).json();
    const pets = await fetch(api + "/pets", { headers: { authorization } });
    const orders = await fetch(api + "/orders", { headers: { authorization } });
    show([me.email, keys.keys.length, pets.status, await pets.text(), orders.status, orders.headers.get("www-authenticate")?.split('"')[3]].join(" | "));
  }
} catch (e) {
  show(String(e));
}
</script>`

// A page of another origin signs its visitor in on the issuer's page, and calls an API
// with the token.
func TestBrowserSignIn(t *testing.T) {
	p := emulatortest.Start(t)
	api := newGuardedAPI(t, p)
	guard := api.guard(ownIssuer(p), "pets-api")
	api.route("GET /pets", guard, "pets/read")
	api.route("GET /orders", guard, "orders/read")
	address := strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + "/_aws/execute-api/" + api.id + "/$default"
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, singlePageApp, ownIssuer(p), address)
	}))
	defer page.Close()
	origin := strings.Replace(page.URL, "127.0.0.1", "localhost", 1)
	if _, err := p.APIGatewayV2().UpdateApi(t.Context(), &apigatewayv2.UpdateApiInput{ApiId: aws.String(api.id), CorsConfiguration: &v2types.Cors{
		AllowOrigins: []string{origin}, AllowMethods: []string{"GET"}, AllowHeaders: []string{"authorization"}, ExposeHeaders: []string{"www-authenticate"},
	}}); err != nil {
		t.Fatal(err)
	}

	ctx := browser(t)
	shows := func(want string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#done")))
		if err != nil || got != want {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
	const signedIn = "ann@example.com | 1 | 200 | hello ann@example.com | 403 | insufficient_scope"
	name, signIn, cancel := chromedp.CSS("#name"), chromedp.CSS("button[value=signin]"), chromedp.CSS("button[value=cancel]")
	shows("login_required", chromedp.Navigate(origin+"/?prompt=none"))
	shows("access_denied", chromedp.Navigate(origin), chromedp.WaitVisible(name), chromedp.Click(cancel))
	shows(signedIn, chromedp.Navigate(origin), chromedp.SendKeys(name, "ann@example.com"), chromedp.Click(signIn))
	// The browser knows who it was.
	shows(signedIn, chromedp.Navigate(origin+"/?prompt=none"))
	shows(signedIn, chromedp.Navigate(origin+"/?prompt=login"), chromedp.WaitVisible(name), chromedp.Click(signIn))
}
