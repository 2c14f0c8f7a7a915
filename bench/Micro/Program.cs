using BenchmarkDotNet.Running;
using PgVectorCompat.Micro;

// dotnet run -c Release --project bench/Micro -- --filter '*' --job short --inProcess
// dotnet run -c Release --project bench/Micro -- smoke
// dotnet run -c Release --project bench/Micro -- index wordnet:FOLDER|latent:COUNT:DIMENSIONS [name=value ...]
if (args is ["smoke"])
    Smoke.Run();
else if (args is ["index", var data, ..])
    IndexBench.Run(data, args[2..]);
else
    BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
