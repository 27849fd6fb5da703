"""Many adapters over one frozen base: loading, serving and training; torch has its home here.

    base.load_base ──▶ engine.LocalTextEngine      generation, one adapter a row
                   └─▶ trainer.QloraTrainer        training, one adapter a job

Importing this package is cheap; its modules import torch.
"""
