"""Run every benchmark, each against its peer in the same run: `python -m bench`."""

from bench import exact_training, many_adapters, sampling, training_gain

if __name__ == "__main__":
    print("Many adapters over one base, against PEFT one by one")
    many_adapters.main([])
    print("\nTraining with the same bits everywhere, against plain torch")
    exact_training.main([])
    print("\nAn agent before and after training")
    training_gain.main([])
    print("\nVerifying a training by sampling, against recomputing it")
    sampling.main([])
