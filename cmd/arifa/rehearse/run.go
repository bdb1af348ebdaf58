package rehearse

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"time"

	"arifa/subscriptions"
)

// run is one rehearsal under way.
type run struct {
	Config
	screen   *screen
	program  *Program
	receiver *remote
}

// all is the whole rehearsal: people, wave, and the two loops right after it.
func (r *run) all(ctx context.Context) (Result, error) {
	var err error
	if r.receiver, err = hire(r.Receiver(ctx)); err != nil {
		return Result{}, err
	}
	defer r.receiver.dismiss()
	if r.program, err = r.Prepare(ctx); err != nil {
		return Result{}, err
	}
	result, err := r.measured(ctx)
	return result, errors.Join(err, r.program.Close())
}

func (r *run) measured(ctx context.Context) (Result, error) {
	if err := r.people(ctx); err != nil {
		return Result{}, err
	}
	out := Result{Store: r.program.Name, People: r.People, Real: r.Real != nil}
	if err := r.wave(ctx, &out); err != nil {
		return out, err
	}
	size := 0
	if out.Wave.Accepted > 0 {
		size = int(out.Wave.Bytes / int64(out.Wave.Accepted))
	}
	for _, l := range []struct {
		name string
		into *Loop
		send func(context.Context, *work) error
	}{{"raw keep-alive connections", &out.Raw, rawLoop}, {"plain net/http loop", &out.Plain, plainLoop}} {
		var err error
		if *l.into, err = r.loop(ctx, l.name, size, l.send); err != nil {
			return out, fmt.Errorf("%s: %w", l.name, err)
		}
	}
	out.ShareOfRawFloor = round(out.MessagesPerSecond/out.Raw.PerSecond, 3)
	out.ShareOfNetHTTP = round(out.MessagesPerSecond/out.Plain.PerSecond, 3)
	out.Pace = paceOf(out.Wave, r.Rate)
	return out, nil
}

// people enters the people of the rehearsal.
func (r *run) people(ctx context.Context) error {
	importer, can := r.program.Store.(subscriptions.Importer)
	if !can {
		return errors.New("rehearse: this store cannot import people")
	}
	now := time.Now().UTC()
	var c crowd
	var err error
	if r.Real != nil {
		c, err = copyOf(r.Config, r.program.Lane)
	} else {
		c, err = invent(r.Config, r.program.Lane, now)
	}
	if err != nil {
		return err
	}
	defer r.screen.bar("entering people", r.People)()
	r.People, err = c.enter(ctx, importer, now, r.screen.to)
	return err
}

// wave starts the program, publishes, and waits until everybody is told and
// recorded.
func (r *run) wave(ctx context.Context, out *Result) (err error) {
	if err := r.program.Open(ctx); err != nil {
		return fmt.Errorf("open an incident: %w", err)
	}
	process, err := r.program.Serve(ctx, "http://"+r.receiver.address)
	if err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	stopped := false
	defer func() {
		if !stopped {
			err = errors.Join(err, process.Stop())
		}
	}()
	if err := r.owned(ctx, process); err != nil {
		return err
	}
	if _, err := r.receiver.order(order{Begin: &begin{First: firstChat, People: r.People, Network: r.Network}}); err != nil {
		return err
	}
	profiled := r.profile(ctx, process)
	cpu := cpuOf(process.PID)
	server, _ := r.program.ServerCPU(ctx)
	begun := time.Now()
	n, err := r.program.Publish(ctx)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	published := time.Now()
	if err := r.told(ctx, process); err != nil {
		return err
	}
	recorded, err := r.recorded(ctx, process, n)
	if err != nil {
		return err
	}
	after, _ := r.program.ServerCPU(ctx)
	used, peak := cpuOf(process.PID)-cpu, peakOf(process.PID)
	full, err := r.receiver.order(order{Full: true})
	if err = errors.Join(err, <-profiled); err != nil {
		return err
	}
	stopped = true
	if err := process.Stop(); err != nil {
		return fmt.Errorf("the program: %w", err)
	}
	t := *full.Tally
	out.Wave, out.Missed, out.Duplicates, out.PeakRSSMiB, out.ServerCPU = t, t.Missed, t.Duplicates, peak, after-server
	out.Unrecorded = max(0, t.Accepted-t.Duplicates-recorded)
	out.CPUSecondsPer100k = per100k(used, t.Accepted)
	out.FirstMessageMS = max(0, time.Duration(t.First-published.UnixNano()).Milliseconds())
	if span := time.Duration(t.Last - begun.UnixNano()); span > 0 {
		out.MessagesPerSecond = math.Round(float64(t.Accepted) / span.Seconds())
	}
	return nil
}

// A profile shows the beginning of the wave, a second for so many people.
const (
	profiled     = 10 // seconds at most
	profiledEach = 5000
)

// profile takes a profile beside the wave, where one is wanted.
func (r *run) profile(ctx context.Context, p *Process) <-chan error {
	done := make(chan error, 1)
	if r.Profile == nil {
		done <- nil
		return done
	}
	go func() { done <- p.Profile(ctx, r.Profile, min(profiled, 1+r.People/profiledEach)) }()
	return done
}

// owned waits until the program owns its lane.
func (r *run) owned(ctx context.Context, p *Process) error {
	return poll(ctx, p, 20*time.Millisecond, func() (bool, error) {
		lanes, err := r.program.Store.LaneList(ctx)
		for _, l := range lanes {
			if l.ID == r.program.Lane && l.Tenure.Owner != "" {
				return true, err
			}
		}
		return false, err
	})
}

// told waits until the receiver has a word for everybody.
func (r *run) told(ctx context.Context, p *Process) error {
	defer r.screen.bar("telling", r.People)()
	return poll(ctx, p, 100*time.Millisecond, func() (bool, error) {
		got, err := r.receiver.order(order{})
		r.screen.to(got.Done)
		return got.Done >= r.People, err
	})
}

// recorded waits until nothing of the notice waits, and returns how many are
// recorded as told.
func (r *run) recorded(ctx context.Context, p *Process, n subscriptions.Notice) (told int, err error) {
	err = poll(ctx, p, 20*time.Millisecond, func() (bool, error) {
		got, err := r.program.Store.Progress(ctx, n.ID)
		told = got.Count(subscriptions.Sent)
		return got.Expanded && got.Count(subscriptions.Pending) == 0, err
	})
	return told, err
}

// poll asks again and again until the answer is yes or the program has ended.
func poll(ctx context.Context, p *Process, every time.Duration, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.Ended:
			return errors.New("the program ended by itself; --log shows why")
		case <-time.After(every):
		}
	}
}

// loop runs one of the loops beside which the program is judged.
func (r *run) loop(ctx context.Context, name string, size int, send func(context.Context, *work) error) (Loop, error) {
	n := min(r.People, mostOfALoop)
	network := Network{Latency: r.Network.Latency}
	if _, err := r.receiver.order(order{Begin: &begin{First: firstChat, People: n, Network: network}}); err != nil {
		return Loop{}, err
	}
	stop := r.screen.bar(name, 0)
	cpu, begun := cpuOf(0), time.Now()
	err := send(ctx, newWork(r.receiver.address, size, n, r.Connections))
	used := cpuOf(0) - cpu
	stop()
	if err != nil {
		return Loop{}, err
	}
	full, err := r.receiver.order(order{Full: true})
	if err != nil {
		return Loop{}, err
	}
	t := full.Tally
	if t.Accepted != n || t.Missed > 0 {
		return Loop{}, fmt.Errorf("%d of %d arrived", t.Accepted, n)
	}
	return Loop{PerSecond: float64(n) / time.Duration(t.Last-begun.UnixNano()).Seconds(), CPUPer100k: per100k(used, n), First: time.Duration(t.First - begun.UnixNano())}, nil
}

func per100k(used time.Duration, messages int) float64 {
	if messages == 0 {
		return 0
	}
	return round(used.Seconds()*100_000/float64(messages), 2)
}

func round(x float64, places int) float64 {
	p := math.Pow10(places)
	return math.Round(x*p) / p
}

// remote is the receiver in its process.
type remote struct {
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

func hire(cmd *exec.Cmd) (*remote, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	r := &remote{cmd: cmd, in: in, out: json.NewDecoder(bufio.NewReader(out))}
	var hello reply
	if err := r.out.Decode(&hello); err != nil || hello.Address == "" {
		r.dismiss()
		return nil, fmt.Errorf("the receiver did not start: %w", err)
	}
	r.address = hello.Address
	return r, nil
}

func (r *remote) order(o order) (reply, error) {
	var out reply
	if err := json.NewEncoder(r.in).Encode(o); err != nil {
		return out, fmt.Errorf("receiver: %w", err)
	}
	if err := r.out.Decode(&out); err != nil {
		return out, fmt.Errorf("receiver: %w", err)
	}
	return out, nil
}

// dismiss ends the receiver: it stops when its input ends.
func (r *remote) dismiss() {
	_ = r.in.Close()
	_ = r.cmd.Wait()
}
