package console

import (
	"net/http"
)

// routes is everything that the console answers. A test walks it: a route without a
// row in the test's table of roles fails.
func (c *Console) routes() []route {
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	return []route{
		{path: Base + "/assets/{name}", need: open, raw: serveAsset, methods: get},

		{path: Base + "/sign-in", need: open, show: showSignIn, do: doSignIn},
		{path: Base + "/sign-in/{code}", need: open, show: showSignIn, do: doSignIn},
		{path: Base + "/sso", need: open, show: showSSO},
		{path: Base + "/sso/back", need: open, show: backFromSSO},
		{path: Base + "/prove", need: halfway, show: showProve, do: doProve},
		{path: Base + "/sign-out", need: halfway, show: showMe, do: signOut},
		{path: Base + "/passkey", need: open, raw: challenge, methods: post},

		{path: Base + "/{$}", need: signed, show: showHome},
		{path: Base + "/waiting", need: signed, show: showWaiting},
		{path: Base + "/incidents", need: signed, show: showIncidents},
		{path: Base + "/incidents/{id}", need: signed, show: showIncident},
		{path: Base + "/incidents/{id}/part", need: signed, show: showIncident, do: doPart},
		{path: Base + "/incidents/{id}/no-change", need: signed, show: showIncident, do: doNoChange},
		{path: Base + "/incidents/{id}/activate", need: signed, show: showIncident, do: doActivate},
		{path: Base + "/incidents/{id}/advance", need: signed, show: showIncident, do: doAdvance},
		{path: Base + "/incidents/{id}/join", need: signed, show: showJoin, do: doJoin},
		{path: Base + "/incidents/{id}/reopen", need: signed, show: showJoin, do: doReopen},
		{path: Base + "/incidents/{id}/say", need: signed, show: showSay, do: doSay, two: bySubmit},
		{path: Base + "/incidents/{id}/restore", need: signed, show: showRestore, do: doRestore, two: byAnswers},
		{path: Base + "/incidents/{id}/release", need: signed, show: showRestore, do: doRelease, two: byAnswers},
		{path: Base + "/incidents/{id}/resolve", need: signed, show: showRestore, do: doResolve, two: byAnswers},
		{path: Base + "/incidents/{id}/answer", need: signed, show: showAnswer, do: doAnswer, two: byAnswers},

		{path: Base + "/new", need: signed, show: showChoose},
		{path: Base + "/new/{what}/{id}", need: signed, show: showOpen, do: doOpen, two: bySubmit},
		{path: Base + "/word", need: signed, show: showWord, do: doWord, two: always},

		{path: Base + "/notices/{id}", need: signed, show: showNotice},
		{path: Base + "/notices/{id}/progress", need: signed, raw: streamProgress, methods: get},
		{path: Base + "/notices/{id}/edit", need: signed, show: showEdit, do: doEdit, two: bySubmit},
		{path: Base + "/notices/{id}/submit", need: signed, show: showNotice, do: doSubmit, two: always},
		{path: Base + "/notices/{id}/publish", need: signed, show: showNotice, do: doPublish},
		{path: Base + "/notices/{id}/approve", need: signed, show: showNotice, do: doApprove},
		{path: Base + "/notices/{id}/return", need: signed, show: showNotice, do: doReturn},
		{path: Base + "/notices/{id}/discard", need: signed, show: showNotice, do: doDiscard},
		{path: Base + "/notices/{id}/stop", need: signed, show: showNotice, do: doStop},
		{path: Base + "/notices/{id}/withdraw", need: signed, show: showNotice, do: doWithdraw},
		{path: Base + "/notices/{id}/posted", need: signed, show: showNotice, do: doPosted},

		{path: Base + "/channels", need: signed, show: showChannels, do: doAddChannel},
		{path: Base + "/channels/remove", need: signed, show: showChannels, do: doRemoveChannel},
		{path: Base + "/registry", need: signed, show: showRegistry},
		{path: Base + "/registry/confirm", need: signed, show: showRegistry, do: doConfirmEntry, two: always},
		{path: Base + "/registry/ready", need: signed, show: showRegistry, do: doReady, two: always},
		{path: Base + "/changes/{id}/approve", need: signed, show: showRegistry, do: doApproveChange},
		{path: Base + "/changes/{id}/refuse", need: signed, show: showRegistry, do: doRefuseChange},

		{path: Base + "/officers", need: signed, show: showOfficers, do: doAddOfficer, two: always},
		{path: Base + "/officers/{id}", need: signed, show: showOfficer},
		{path: Base + "/officers/{id}/roles", need: signed, show: showOfficer, do: doRoles, two: always},
		{path: Base + "/officers/{id}/renew", need: signed, show: showOfficer, do: doRenew, two: always},
		{path: Base + "/officers/{id}/disable", need: signed, show: showOfficer, do: doDisable, two: always},
		{path: Base + "/officers/{id}/freeze", need: signed, show: showOfficer, do: doFreeze},
		{path: Base + "/officers/{id}/unfreeze", need: signed, show: showOfficer, do: doUnfreeze},
		{path: Base + "/officers/{id}/duty", need: signed, show: showOfficer, do: doDuty},
		{path: Base + "/agencies/{id}/freeze", need: signed, show: showOfficers, do: doFreezeAgency},

		{path: Base + "/record", need: signed, show: showRecord},

		{path: Base + "/me", need: signed, show: showMe},
		{path: Base + "/me/passkey", need: signed, show: showMe, do: doLinkPasskey},
		{path: Base + "/me/unlink", need: signed, show: showMe, do: doUnlink},
		{path: Base + "/me/link", need: signed, show: showMe, do: doLinkCode},
		{path: Base + "/me/sso", need: signed, show: showMe, do: doLinkSSO, two: always},
		{path: Base + "/me/secrets", need: signed, show: showMe, do: doSecrets},
		{path: Base + "/me/sign-out", need: signed, show: showMe, do: doSignOutEverywhere},
	}
}
