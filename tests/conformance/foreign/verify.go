// Verify checks a custody log with the reference code of the Go checksum database alone
// (golang.org/x/mod/sumdb/note and tlog), which knows nothing of Evidock.
//
//	verify receipt     KEY RECEIPT ENTRY         is the entry in the log?
//	verify log         KEY FOLDER                is every file of the log true?
//	verify consistency KEY CHECKPOINT FOLDER     did the log in FOLDER only append since CHECKPOINT?
//
// KEY is the verifier key text.  Exit 0: yes.  Exit 1: no, and the reason on stderr.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: verify receipt|log|consistency KEY FILE...")
	}
	key, files := args[1], args[2:]
	switch {
	case args[0] == "receipt" && len(files) == 2:
		return checkReceipt(key, files[0], files[1])
	case args[0] == "log" && len(files) == 1:
		return checkLog(key, files[0])
	case args[0] == "consistency" && len(files) == 2:
		return checkConsistency(key, files[0], files[1])
	}
	return fmt.Errorf("unknown command %q", args)
}

// openCheckpoint verifies a signed checkpoint and returns the tree it speaks of.
func openCheckpoint(key string, msg []byte) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func checkReceipt(key, receiptFile, entryFile string) error {
	receipt, err := os.ReadFile(receiptFile)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	head, msg, _ := bytes.Cut(receipt, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	proof := tlog.RecordProof{}
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(key, msg)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// folder reads the tiles of a C2SP log, whose paths lack the height that the Go ones carry.
type folder string

func (f folder) Height() int                     { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

func (f folder) read(tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(string(f), "tile", path))
}

func (f folder) checkpoint(key string) (tlog.Tree, error) {
	msg, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(key, msg)
}

// checkLog derives every hash of the log from its entries, and compares it with every tile.
func checkLog(key, dir string) error {
	log := folder(dir)
	tree, err := log.checkpoint(key)
	if err != nil {
		return err
	}
	if tree.N == 0 {
		if tree.Hash != sha256.Sum256(nil) { // RFC 6962; the Go code has another empty root
			return errors.New("wrong root of an empty log")
		}
		return nil
	}
	stored, err := log.rehash(tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, &stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries give root %s, the checkpoint says %s", root, tree.Hash)
	}
	return log.compare(tree.N, &stored)
}

// memory holds stored hashes in the order of tlog.StoredHashIndex.
type memory []tlog.Hash

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = (*m)[index]
	}
	return hashes, nil
}

// rehash reads all entry bundles and returns the stored hashes they give.
func (f folder) rehash(size int64) (memory, error) {
	var stored memory
	for n := int64(0); n < size; {
		tile := tlog.Tile{H: height, L: -1, N: n / width, W: int(min(width, size-n))}
		bundle, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		for ; len(bundle) > 0; n++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s: torn entry %d", tile.Path(), n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(n, bundle[2:end], &stored)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
			bundle = bundle[end:]
		}
		if n != tile.N*width+int64(tile.W) {
			return nil, fmt.Errorf("%s does not end with entry %d", tile.Path(), n-1)
		}
	}
	return stored, nil
}

// compare sees that every tile the log must serve holds just the hashes of its entries.
func (f folder) compare(size int64, reader tlog.HashReader) error {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		level := size >> (height * uint(tile.L))
		if tile.W < width && tile.N*width+int64(tile.W) != level {
			continue // a narrower partial tile than this size needs
		}
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		have, err := f.read(tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, want) {
			return fmt.Errorf("%s is not what the entries give", tile.Path())
		}
	}
	return nil
}

func checkConsistency(key, oldFile, dir string) error {
	msg, err := os.ReadFile(oldFile)
	if err != nil {
		return err
	}
	old, err := openCheckpoint(key, msg)
	if err != nil {
		return err
	}
	log := folder(dir)
	tree, err := log.checkpoint(key)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, log))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
