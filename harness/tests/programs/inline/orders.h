/* SPDX-License-Identifier: Apache-2.0 */
/* A lock and a barrier of nothing but atomic instructions and waiting loops, built as usual. */
#ifndef ORDERS_H
#define ORDERS_H

void orders_lock(int *lock);
void orders_unlock(int *lock);
/* The same, given up by a plain store. */
void orders_take(int *lock);
void orders_give(int *lock);
/* With so many others, again and again. */
void orders_meet(unsigned threads);

#endif
