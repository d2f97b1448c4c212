// A server of the S3 protocol for the tests: it keeps one bucket in memory and checks signatures. It tells its address on standard
// output and ends with its standard input, so nobody has to end it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	bucket := flag.String("bucket", "files", "name of the bucket")
	key := flag.String("key", "", "access key")
	secret := flag.String("secret", "", "its secret")
	flag.Parse()
	backend := s3mem.New()
	if err := backend.CreateBucket(context.Background(), *bucket); err != nil {
		log.Fatal(err)
	}
	server := gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{*key: *secret}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, server.Server()))
}
