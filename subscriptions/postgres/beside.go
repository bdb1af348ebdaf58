package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Beside creates an empty database on the server that a URL names, beside the
// one that it names, which is left alone. drop removes the new one. The user of
// the URL needs the right to create databases.
func Beside(ctx context.Context, server string) (fresh string, drop func(context.Context) error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, fmt.Errorf("postgres: the database URL cannot be read") // without its text: it may hold a password
	}
	name := "arifa_" + strings.ToLower(rand.Text()[:16])
	if err := administer(ctx, server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return "", nil, fmt.Errorf("create a database beside: %w", err)
	}
	drop = func(ctx context.Context) error {
		if err := administer(ctx, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop database %s: %w", name, err)
		}
		return nil
	}
	q := u.Query()
	q.Del("dbname")
	q.Del("database")
	u.Path, u.RawQuery = "/"+name, q.Encode()
	return u.String(), drop, nil
}

// administer runs one statement that cannot stand in a transaction.
func administer(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return translate(ctx, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err = conn.Exec(ctx, statement); err != nil {
		return translate(ctx, err)
	}
	return nil
}
