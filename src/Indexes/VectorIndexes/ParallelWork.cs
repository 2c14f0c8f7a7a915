using System.Runtime.ExceptionServices;

namespace PgVectorCompat.Indexes;

/// <summary>Runs the workers of a build: threads of their own, so that a build neither waits for nor holds up the thread pool.</summary>
static class ParallelWork
{
    /// <summary>Calls <paramref name="work"/> with 0 to <paramref name="workers"/> − 1 at the same time, 0 on this thread; throws what the first failed with.</summary>
    public static void Run(int workers, Action<int> work)
    {
        ExceptionDispatchInfo? failure = null;
        var threads = new Thread[Math.Max(workers, 1) - 1];
        for (var i = 0; i < threads.Length; i++)
        {
            var worker = i + 1;
            threads[i] = new(() => Guarded(worker)) { IsBackground = true, Name = "index build" };
            threads[i].Start();
        }
        Guarded(0);
        foreach (var thread in threads)
            thread.Join();
        failure?.Throw();

        void Guarded(int worker)
        {
            try
            {
                work(worker);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }

    /// <summary>Shares the numbers from 0 to <paramref name="count"/> − 1 out in blocks of <paramref name="block"/>, in ascending order.</summary>
    public static void ForBlocks(int workers, long count, int block, Action<int, long, long> work, CancellationToken cancellation)
    {
        long next = 0;
        Run((int)Math.Min(workers, (count + block - 1) / block), worker =>
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var first = Interlocked.Add(ref next, block) - block;
                if (first >= count) return;
                work(worker, first, Math.Min(count, first + block));
            }
        });
    }
}
