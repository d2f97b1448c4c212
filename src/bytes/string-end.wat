;; Finds the end of a JSON string, sixteen bytes at a time. Compiled by `npm run generate` into string-end.gen.ts.
;;
;; `find(from, limit)`: from is the offset after the opening quote, or anywhere inside the string that is not inside an escape; the
;; document ends at limit and has at least sixteen zero bytes after it. Returns the offset after the closing quote, or -1 when a
;; control character, a wrong escape or the end of the document comes first.
(module
  (memory (export "memory") 1)

  (func $hex (param $byte i32) (result i32)
    (local $lower i32)
    (local.set $lower (i32.or (local.get $byte) (i32.const 0x20)))
    (i32.or
      (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10))
      (i32.lt_u (i32.sub (local.get $lower) (i32.const 0x61)) (i32.const 6))))

  ;; The offset after the escape whose backslash is at $at, or -1.
  (func $escape (param $at i32) (result i32)
    (local $kind i32)
    (local.set $kind (i32.load8_u offset=1 (local.get $at)))
    (if (i32.eq (local.get $kind) (i32.const 0x75)) ;; u
      (then
        (return
          (select
            (i32.add (local.get $at) (i32.const 6))
            (i32.const -1)
            (i32.and
              (i32.and (call $hex (i32.load8_u offset=2 (local.get $at))) (call $hex (i32.load8_u offset=3 (local.get $at))))
              (i32.and (call $hex (i32.load8_u offset=4 (local.get $at))) (call $hex (i32.load8_u offset=5 (local.get $at)))))))))
    (if
      (i32.or
        (i32.or
          (i32.or (i32.eq (local.get $kind) (i32.const 0x22)) (i32.eq (local.get $kind) (i32.const 0x5c)))
          (i32.or (i32.eq (local.get $kind) (i32.const 0x2f)) (i32.eq (local.get $kind) (i32.const 0x6e))))
        (i32.or
          (i32.or (i32.eq (local.get $kind) (i32.const 0x72)) (i32.eq (local.get $kind) (i32.const 0x74)))
          (i32.or (i32.eq (local.get $kind) (i32.const 0x62)) (i32.eq (local.get $kind) (i32.const 0x66)))))
      (then (return (i32.add (local.get $at) (i32.const 2)))))
    (i32.const -1))

  (func (export "find") (param $from i32) (param $limit i32) (result i32)
    (local $at i32)
    (local $block v128)
    (local $mask i32)
    (local $byte i32)
    (local.set $at (local.get $from))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $limit)) (then (return (i32.const -1))))
      (local.set $block (v128.load align=1 (local.get $at)))
      (local.set $mask
        (i8x16.bitmask
          (v128.or
            (v128.or
              (i8x16.eq (local.get $block) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))
              (i8x16.eq (local.get $block) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))
            (i8x16.lt_u (local.get $block) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))))
      (if (i32.eqz (local.get $mask))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $next)))
      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $mask))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (i32.add (local.get $at) (i32.const 1)))))
      (if (i32.ne (local.get $byte) (i32.const 0x5c)) (then (return (i32.const -1))))
      (local.set $at (call $escape (local.get $at)))
      (if (i32.lt_s (local.get $at) (i32.const 0)) (then (return (i32.const -1))))
      (br $next))
    (unreachable)))
