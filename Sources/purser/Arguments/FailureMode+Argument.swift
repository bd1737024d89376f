import Accounting
import ArgumentParser

extension FencedPolicy.FailureMode: ExpressibleByArgument {}
