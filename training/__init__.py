"""How the analysis is fitted and measured, from labelled comments to one file. The application never imports this."""
