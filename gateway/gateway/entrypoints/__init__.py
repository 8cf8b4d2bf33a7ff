"""Entrypoints, one group a file: each says who may, and hands on."""
