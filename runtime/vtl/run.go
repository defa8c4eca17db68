package vtl

import (
	"context"
	"errors"
	"fmt"
)

// Limits bound one rendering. The zero value means the defaults.
type Limits struct {
	// Output is the size in bytes that the rendered text may have.
	Output int
	// Work is how much evaluating may cost: about one unit per node and one
	// per eight bytes of text made.
	Work int
	// Iterations is how many rounds one #foreach makes; the rest of the list
	// is left out, silently, as Velocity does.
	Iterations int
}

// Defaults of Limits. AWS documents the number of iterations and the payload
// size; Work keeps a rendering under about a second.
const (
	DefaultOutput     = 10 << 20
	DefaultWork       = 16 << 20
	DefaultIterations = 1000
)

// maxRenderDepth bounds blocks within blocks, which only #define can nest
// without end.
const maxRenderDepth = 400

// ErrLimit is wrapped by the errors that end a rendering at one of its limits.
var ErrLimit = errors.New("template limit exceeded")

// errStop travels up from #stop and is no failure.
var errStop = errors.New("#stop")

// Run is one rendering in progress. Objects get it to account for what they
// do.
type Run struct {
	ctx      context.Context
	template *Template
	vars     []any
	out      []byte
	args     []any // of the method calls under way, innermost last
	limits   Limits
	work     int
	tick     int
	depth    int
	loop     *loop
	defining map[*definition]int
}

// Charge takes n units off the work that the rendering may still do and fails
// when none is left or the rendering's context has ended.
func (r *Run) Charge(n int) error {
	r.work -= n
	r.tick -= n
	if r.tick > 0 {
		return nil
	}
	r.tick = 4096
	if r.work <= 0 {
		return fmt.Errorf("%w: too much work", ErrLimit)
	}
	return r.ctx.Err()
}

// chargeText accounts for a text that was made or scanned.
func (r *Run) chargeText(s string) error { return r.Charge(1 + len(s)/8) }

// String is the text of a value, with blocks of #define rendered.
func (r *Run) String(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	p := printer{max: r.limits.Output, run: r}
	dst, err := p.java(nil, v, 0)
	if err == nil {
		err = r.Charge(1 + len(dst)/8)
	}
	return string(dst), err
}

// print appends the text of a value to the output.
func (r *Run) print(v any) error {
	before := len(r.out)
	var err error
	switch v := v.(type) {
	case nil:
	case string:
		r.out = append(r.out, v...)
	case *definition:
		return r.renderBlock(v)
	default:
		p := printer{max: r.limits.Output, run: r}
		r.out, err = p.java(r.out, v, 0)
	}
	if err != nil {
		return err
	}
	return r.written(before)
}

// text appends literal text to the output.
func (r *Run) text(s string) error {
	before := len(r.out)
	r.out = append(r.out, s...)
	return r.written(before)
}

func (r *Run) written(before int) error {
	if len(r.out) > r.limits.Output {
		return fmt.Errorf("%w: output is larger than %d bytes", ErrLimit, r.limits.Output)
	}
	return r.Charge(1 + (len(r.out)-before)/8)
}

// capture renders into a text of its own.
func (r *Run) capture(render func() error) (string, error) {
	mark := len(r.out)
	err := render()
	s := string(r.out[mark:])
	r.out = r.out[:mark]
	return s, err
}

// renderNodes renders a block. An error ends the whole rendering, so nothing is
// put back after one.
func (r *Run) renderNodes(nodes []placed) error {
	if r.depth++; r.depth > maxRenderDepth {
		return fmt.Errorf("%w: blocks are nested too deeply", ErrLimit)
	}
	for i := range nodes {
		if err := nodes[i].render(r); err != nil {
			return at(nodes[i].offset, err)
		}
	}
	r.depth--
	return nil
}

// maxDefinitionDepth is how often a #define may be open within itself;
// Velocity's default.
const maxDefinitionDepth = 2

func (r *Run) renderBlock(d *definition) error {
	if r.defining[d] >= maxDefinitionDepth {
		return nil
	}
	if r.defining == nil {
		r.defining = map[*definition]int{}
	}
	r.defining[d]++
	err := r.renderNodes(d.body)
	r.defining[d]--
	return err
}

func (r *Run) renderDefinition(d *definition) (string, error) {
	return r.capture(func() error { return r.renderBlock(d) })
}
