import Accounting
import ArgumentParser

extension WhenFenced.Door: ExpressibleByArgument {}
