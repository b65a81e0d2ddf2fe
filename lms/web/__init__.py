"""What the browser needs and no feature owns: sockets, errors, languages, security headers, assets, forms."""
