import ArgumentParser
@main struct Vantage: ParsableCommand {}
