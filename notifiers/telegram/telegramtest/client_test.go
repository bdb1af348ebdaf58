package telegramtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"arifa/notifiers/telegram/telegramtest"
)

// TestRealClient drives the server with the library that the program uses: what
// it sends is understood, and what it gets decodes into its models.
func TestRealClient(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	ctx, cancel := context.WithCancel(shortly(t))
	updates := make(chan *models.Update, 10)
	b, err := bot.New(srv.Token(), bot.WithServerURL(srv.URL()), bot.WithNotAsyncHandlers(),
		bot.WithDefaultHandler(func(_ context.Context, _ *bot.Bot, u *models.Update) { updates <- u }),
		bot.WithErrorsHandler(func(err error) { t.Logf("library: %v", err) }))
	if err != nil {
		t.Fatal(err)
	}
	me, err := b.GetMe(ctx)
	if err != nil || me.Username != srv.Username() {
		t.Fatalf("getMe: got %+v, %v", me, err)
	}
	done := make(chan struct{})
	go func() { b.Start(ctx); close(done) }()
	srv.AddUser(5, "sw")
	if _, err := srv.Start(5, "kra"); err != nil {
		t.Fatal(err)
	}
	if u := <-updates; u.Message == nil || u.Message.Text != "/start kra" || u.Message.From.LanguageCode != "sw" {
		t.Fatalf("the start: got %+v", u)
	}
	sent, err := b.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: 5, Text: "<b>Habari</b> &amp; karibu", ParseMode: models.ParseModeHTML,
		ReplyMarkup: models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
			{Text: "Kiswahili", CallbackData: "lang:sw"}, {Text: "222222", CopyText: &models.CopyTextButton{Text: "222222"}},
		}}},
	})
	if err != nil || sent.Text != "Habari & karibu" || len(sent.Entities) != 1 || sent.ReplyMarkup == nil {
		t.Fatalf("sendMessage: got %+v, %v", sent, err)
	}
	query, err := srv.Press(5, sent.ID, "lang:sw")
	if err != nil {
		t.Fatal(err)
	}
	u := <-updates
	if u.CallbackQuery == nil || u.CallbackQuery.ID != query || u.CallbackQuery.Message.Message == nil {
		t.Fatalf("the press: got %+v", u.CallbackQuery)
	}
	if ok, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query, Text: "Sawa"}); !ok || err != nil {
		t.Errorf("answerCallbackQuery: %v, %v", ok, err)
	}
	edited, err := b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: 5, MessageID: sent.ID, Text: "Sawa"})
	if err != nil || edited.Text != "Sawa" || edited.EditDate == 0 {
		t.Errorf("editMessageText: got %+v, %v", edited, err)
	}
	srv.Block(5)
	if u := <-updates; u.MyChatMember == nil || u.MyChatMember.NewChatMember.Type != models.ChatMemberTypeBanned {
		t.Errorf("the block: got %+v", u.MyChatMember)
	}
	if _, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: 5, Text: "x"}); !errors.Is(err, bot.ErrorForbidden) {
		t.Errorf("to one who blocks: got %v, want forbidden", err)
	}
	checkAdministration(t, srv, b)
	srv.Inject(telegramtest.Fault{Do: telegramtest.TooMany, RetryAfter: 3, Times: 1})
	_, err = b.SendMessage(ctx, &bot.SendMessageParams{ChatID: channelID, Text: "x"})
	var late *bot.TooManyRequestsError
	if !errors.As(err, &late) || late.RetryAfter != 3 {
		t.Errorf("429: got %v, want retry after 3", err)
	}
	cancel()
	<-done
}

func checkAdministration(t *testing.T, srv *telegramtest.Server, b *bot.Bot) {
	t.Helper()
	ctx := shortly(t)
	srv.AddGroup(groupID, 1)
	srv.AddChannel(channelID, telegramtest.FullRights(), superID)
	chat, err := b.GetChat(ctx, &bot.GetChatParams{ChatID: channelID})
	if err != nil || chat.LinkedChatID != superID {
		t.Errorf("getChat: got %+v, %v", chat, err)
	}
	self, err := b.GetChatMember(ctx, &bot.GetChatMemberParams{ChatID: channelID, UserID: b.ID()})
	if err != nil || self.Administrator == nil || !self.Administrator.CanPostMessages || !self.Administrator.CanEditMessages {
		t.Errorf("getChatMember: got %+v, %v", self, err)
	}
	admins, err := b.GetChatAdministrators(ctx, &bot.GetChatAdministratorsParams{ChatID: groupID})
	if err != nil || len(admins) != 1 || admins[0].Owner == nil {
		t.Errorf("getChatAdministrators: got %+v, %v", admins, err)
	}
	post, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: channelID, Text: "post", DisableNotification: true})
	if err != nil || post.SenderChat == nil {
		t.Fatalf("a post: got %+v, %v", post, err)
	}
	if ok, err := b.PinChatMessage(ctx, &bot.PinChatMessageParams{ChatID: channelID, MessageID: post.ID}); !ok || err != nil {
		t.Errorf("pinChatMessage: %v, %v", ok, err)
	}
	if ok, err := b.SetMyCommands(ctx, &bot.SetMyCommandsParams{
		Commands: []models.BotCommand{{Command: "status", Description: "Hali"}}, LanguageCode: "sw",
		Scope: &models.BotCommandScopeAllPrivateChats{},
	}); !ok || err != nil || len(srv.Commands("all_private_chats", "sw")) != 1 {
		t.Errorf("setMyCommands: %v, %v, %v", ok, err, srv.Commands("all_private_chats", "sw"))
	}
	var moved *bot.MigrateError
	newID := srv.Migrate(groupID)
	_, err = b.SendMessage(ctx, &bot.SendMessageParams{ChatID: groupID, Text: "x"})
	if !errors.As(err, &moved) || int64(moved.MigrateToChatID) != newID {
		t.Errorf("a migrated group: got %v, want %d", err, newID)
	}
}
