"""What tests of payers' formats share: answers made at random, and files spoilt on purpose."""
