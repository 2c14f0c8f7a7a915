using BenchmarkDotNet.Running;
using PgVectorCompat.Micro;

// dotnet run -c Release --project bench/Micro -- --filter '*' --job short --inProcess
// dotnet run -c Release --project bench/Micro -- smoke
if (args is ["smoke"])
    Smoke.Run();
else
    BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
