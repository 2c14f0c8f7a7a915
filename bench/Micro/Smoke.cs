using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace PgVectorCompat.Micro;

/// <summary>
/// Runs every benchmark once with the first (smallest) value of each parameter and prints its result, so that a benchmark that
/// no longer works fails the tests, and one whose work was optimised away shows.
/// </summary>
static class Smoke
{
    public static void Run()
    {
        var count = 0;
        foreach (var type in typeof(Smoke).Assembly.GetTypes().OrderBy(type => type.Name))
            foreach (var method in type.GetMethods().Where(method => method.IsDefined(typeof(BenchmarkAttribute))))
            {
                var benchmark = Activator.CreateInstance(type)!;
                foreach (var property in type.GetProperties())
                    if (property.GetCustomAttribute<ParamsAttribute>() is { } parameter)
                        property.SetValue(benchmark, parameter.Values[0]);
                type.GetMethods().FirstOrDefault(setup => setup.IsDefined(typeof(GlobalSetupAttribute)))?.Invoke(benchmark, null);
                Console.WriteLine($"{type.Name}.{method.Name}: {method.Invoke(benchmark, null)}");
                count++;
            }
        Console.WriteLine($"{count} passed, 0 failed");
    }
}
