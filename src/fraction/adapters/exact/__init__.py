"""Training with the same bits on every machine: products of whole numbers, single IEEE operations, fixed orders.

    operators.py    what a step is made of, in plain torch; `fraction.verification.exact` says what each one means
    twin.py         a step's kernels, composed of those operators; native.py: the same bits from C, faster
    model.py        a Llama-shaped model with low-rank updates, forth and back
    trainer.py      the training, its trail of digests, the adapter

Importing this package is cheap; its modules import torch.
"""
