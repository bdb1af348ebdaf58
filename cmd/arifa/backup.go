package main

import (
	"errors"
	"fmt"
	"io"

	"arifa/subscriptions"
)

type backupCmd struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

func (c *backupCmd) Run(a *app) error {
	if isPostgres(a.Database) {
		return errors.New("this database is PostgreSQL: use pg_dump, which knows it best; a restored one is held by itself, one of a whole cluster with arifa serve --hold")
	}
	st, err := open(a.ctx, a.Database, existing, a.log)
	if err != nil {
		return err
	}
	b, ok := st.(subscriptions.Backer)
	if !ok {
		return closing(st, errors.New("this database cannot be copied while it runs"))
	}
	if err := closing(st, b.Backup(a.ctx, c.File)); err != nil {
		return err
	}
	return a.print(map[string]string{"backup": c.File}, func(w io.Writer) {
		fmt.Fprintf(w, "Wrote %s. To use it:  arifa serve --database %s   (it is held until arifa lane release)\n", c.File, c.File)
	})
}

type migrateCmd struct{}

func (c *migrateCmd) Run(a *app) error {
	st, err := open(a.ctx, a.Database, migrated, a.log)
	if err != nil {
		return err
	}
	_, _, _, err = nation(a.ctx, st, a.Catalogue, a.now())
	if err := closing(st, err); err != nil {
		return err
	}
	return a.print(map[string]string{"migrated": "done"}, func(w io.Writer) { fmt.Fprintln(w, "The database is up to date.") })
}
