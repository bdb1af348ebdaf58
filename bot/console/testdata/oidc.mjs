// An OpenID Connect server as governments run them: oidc-provider from npm, certified by the OpenID
// Foundation, with its own pages for signing in and for consent. It ends with its standard input.
//
//	node oidc.mjs FOLDER-OF-NPM CLIENT SECRET ADDRESS-OF-RETURN
import http from "node:http";

const [npm, client_id, client_secret, back] = process.argv.slice(2);
const { Provider } = await import(npm + "/node_modules/oidc-provider/lib/index.js");
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = "http://127.0.0.1:" + server.address().port;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] }],
    cookies: { keys: ["of this test alone"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
