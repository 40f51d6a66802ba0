"""Known-truth validation: does the product find the effects that it cannot see?"""
