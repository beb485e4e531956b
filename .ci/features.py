#!/usr/bin/env python3
"""Reads `cargo metadata`; prints each published crate with its features except `default`, one crate per line."""

import json
import sys

for package in json.load(sys.stdin)["packages"]:
    if package["publish"] != []:
        features = sorted(name for name in package["features"] if name != "default")
        print(package["name"], *features)
